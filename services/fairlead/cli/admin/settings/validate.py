"""`admin settings validate`: what is wrong with settings before they act."""

from fairlead.cli.admin.settings.source import settings_of
from fairlead.cli.command import Invocation
from fairlead.cli.errors import EndedError
from fairlead.settings.controller import controller_settings
from fairlead.settings.effects import Surface, without_effect
from fairlead.settings.overrides import overrides
from fairlead.settings.presentation import presentation
from fairlead.settings.reading import Reader

GROUPS = ("general", "resource-overrides", "clients")


def run(call: Invocation) -> None:
    """Print each group and what is wrong in it; ends with 1 when something is."""
    data = settings_of(call.values)
    wanted = call.values.many("group") or list(GROUPS)
    reader = Reader("argocd-cm", data)
    overrides(reader)
    problems = {
        "general": list(controller_settings(data).problems),
        "resource-overrides": reader.problems,
        "clients": list(presentation(data, {}).problems),
    }
    told: set[str] = set()
    for group in (group for group in GROUPS if group in wanted):
        new = [problem for problem in problems[group] if problem not in told]
        told.update(new)
        print(f"{'❌' if new else '✅'} {group}")
        for problem in new:
            print(f"   {problem}")
    for name in without_effect(Surface.SETTINGS, data):
        print(f"⚠️  {name} has no effect yet")
    if told:
        raise EndedError(1)
