"""`app unset`: remove what the flags name."""

from collections.abc import Iterable
from typing import Any

from fairlead.cli.app.flags import NAMESPACE, one_app
from fairlead.cli.app.which_source import SOURCE_CHOICE, chosen_source
from fairlead.cli.client import Document
from fairlead.cli.command import Command, Flag, Invocation, Values, many, switch
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.spec.places import remove_empty
from fairlead.cli.spec.source import image_name

_NAMED = {
    "parameter": ("helm", "parameters"),
    "kustomize-replica": ("kustomize", "replicas"),
    "plugin-env": ("plugin", "env"),
}
_KEYS = {
    "values-literal": ("helm", "values"),
    "ignore-missing-value-files": ("helm", "ignoreMissingValueFiles"),
    "pass-credentials": ("helm", "passCredentials"),
    "kustomize-version": ("kustomize", "version"),
    "kustomize-namespace": ("kustomize", "namespace"),
    "nameprefix": ("kustomize", "namePrefix"),
    "namesuffix": ("kustomize", "nameSuffix"),
    "ignore-missing-components": ("kustomize", "ignoreMissingComponents"),
    "ref": ("ref",),
}


def run(call: Invocation) -> None:
    """Read the spec, remove from it, write it back."""
    values, app = call.values, one_app(call)
    if not values.any_given(flag.name for flag in _FLAGS):
        raise UsageError("nothing to remove: give at least one flag")
    with connect(values) as client:
        spec = client.applications.get(app)["spec"]
        source, _ = chosen_source(spec, values)
        remove(source, values)
        client.applications.update_spec(app, spec, validate=False)


def remove(source: Document, values: Values) -> None:
    """Take away what the flags name."""
    for flag, (tool, key) in _NAMED.items():
        wanted = set(values.many(flag))
        _keep(source.get(tool), key, lambda entry, names=wanted: entry.get("name") not in names)
    files, images = set(values.many("values")), set(values.many("kustomize-image"))
    _keep(source.get("helm"), "valueFiles", lambda entry: entry not in files)
    _keep(
        source.get("kustomize"),
        "images",
        lambda entry: entry not in images and image_name(entry) not in images,
    )
    for flag, path in _KEYS.items():
        if values.switch(flag):
            parent = source if len(path) == 1 else source.get(path[0], {})
            parent.pop(path[-1], None)
    if values.switch("values-literal"):
        source.get("helm", {}).pop("valuesObject", None)
    remove_empty(source)


def _keep(block: Any, key: str, wanted: Any) -> None:
    if isinstance(block, dict) and key in block:
        block[key] = [entry for entry in block[key] if wanted(entry)]


def _switches(names: Iterable[str]) -> tuple[Flag, ...]:
    return tuple(switch(name, f"Remove {name.replace('-', ' ')}.") for name in names)


_FLAGS = (
    many("parameter", "Remove this Helm parameter, by name.", short="p"),
    many("values", "Remove this value file."),
    many("kustomize-image", "Remove this image override, by the image's name."),
    many("kustomize-replica", "Remove this replica count, by name."),
    many("plugin-env", "Remove this variable of the plugin, by name."),
    *_switches(_KEYS),
)
COMMAND = Command(
    usage="APPNAME",
    about="Remove parameters, overrides and settings of an application's source.",
    run=run,
    flags=(NAMESPACE, *SOURCE_CHOICE, *_FLAGS),
    examples=(
        "app unset web --kustomize-image nginx",
        "app unset web -p replicas",
        "app unset web --nameprefix",
    ),
)
