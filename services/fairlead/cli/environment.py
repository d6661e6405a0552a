"""ARGOCD_OPTS: general flags of every command line."""

import os
import shlex

from fairlead.cli.errors import SettingsError

OPTIONS_VARIABLE = "ARGOCD_OPTS"


def options_of_environment(known: set[str]) -> dict[str, list[str]]:
    """General flags given by ARGOCD_OPTS; what a command calls by the same name is another thing."""
    given: dict[str, list[str]] = {}
    try:
        words = shlex.split(os.environ.get(OPTIONS_VARIABLE, ""))
    except ValueError as error:
        raise SettingsError(f"{OPTIONS_VARIABLE} cannot be read: {error}") from None
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            raise SettingsError(f"{OPTIONS_VARIABLE} invalid at '{word}'")
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = words.pop(0) if words and not words[0].startswith("--") else "true"
        if name in known:
            given.setdefault(name, []).append(value)
    return given
