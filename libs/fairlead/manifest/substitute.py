"""Variables in manifests, as Flux substitutes them after a build: `${NAME}`, `${NAME:=otherwise}`, `$${…}`.

Invariant: a variable that has no value and no default is an error, never an empty text; and one that is a
secret stands in Secrets alone, so that it is masked wherever it is shown.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.manifest.fields import text_at

MAX_TEXT = 1 << 20
"""Characters of one text after substitution."""
DISABLED = "disabled"
MASKED = ("data", "stringData")
"""Fields of a Secret whose values are masked wherever they are shown."""
OPT_OUT = ("fairlead.dev/substitute", "kustomize.toolkit.fluxcd.io/substitute")
"""Labels or annotations of an object; with the value `disabled` nothing in it is substituted."""
_EXPRESSION = re.compile(r"\$(\$)?\{([^{}]*)\}")
_KNOWN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:(:?[=-])(.*))?", re.DOTALL)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?")
_TEXTS = frozenset(
    {"labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData", "args", "command"}
)
"""Fields whose values are texts, whatever they look like."""


class SubstitutionError(Exception):
    """A variable has no value, or may not stand where it does; the words have its name and no value."""


class Variables(msgspec.Struct, frozen=True, kw_only=True):
    """Values by name. `secret` are the names of those that may stand in Secrets only."""

    values: Mapping[str, str]
    secret: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Variables(names={sorted(self.values)})"


def substituted(document: Mapping[str, Any], variables: Variables) -> dict[str, Any]:
    """An object with its variables replaced; the names of its own fields stay. Raises SubstitutionError."""
    if _opted_out(document):
        return dict(document)
    is_secret = document.get("kind") == "Secret" and document.get("apiVersion") == "v1"
    plain, masked = _Substitution(variables), _Substitution(variables, is_masked=True)
    return {
        key: (masked if is_secret and key in MASKED else plain).of(value, key)
        for key, value in document.items()
    }


class _Substitution:
    """Replaces in one part of an object; `is_masked` where values are masked when they are shown."""

    def __init__(self, variables: Variables, *, is_masked: bool = False) -> None:
        self._variables = variables
        self._is_masked = is_masked

    def of(self, value: Any, field: str) -> Any:
        """A value, below the field of this name."""
        if isinstance(value, Mapping):
            within = field if field in _TEXTS else ""
            return {
                self._text(str(key), is_key=True): self.of(inner, within or str(key))
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self.of(inner, field) for inner in value]
        if not isinstance(value, str) or "${" not in value:
            return value
        text = self._text(value)
        is_whole = _EXPRESSION.fullmatch(value) is not None and not value.startswith("$$")
        return _typed(text) if is_whole and field not in _TEXTS and field != "value" else text

    def _text(self, text: str, *, is_key: bool = False) -> str:
        if "${" not in text:
            return text
        found = _EXPRESSION.sub(lambda one: self._replaced(one, self._is_masked and not is_key), text)
        if len(found) > MAX_TEXT:
            raise SubstitutionError(f"a text is longer than {MAX_TEXT} characters with its variables")
        return found

    def _replaced(self, found: re.Match[str], is_masked: bool) -> str:
        if found[1]:
            return found[0][1:]
        known = _KNOWN.fullmatch(found[2])
        if known is None:
            raise SubstitutionError(f"${{{found[2][:80]}}} is no form of a variable that is known here")
        name, operator, otherwise = known[1], known[2], known[3]
        value = self._variables.values.get(name)
        if value is None or (not value and operator and operator.startswith(":")):
            if operator is None:
                raise SubstitutionError(f"variable {name} is not set")
            return otherwise or ""
        if name in self._variables.secret and not is_masked:
            where = "the data of Secrets"
            raise SubstitutionError(f"variable {name} comes from a Secret and may stand in {where} only")
        return value


def _typed(text: str) -> Any:
    """A whole value that is a number or a truth is one, as it is in YAML."""
    if text in ("true", "false"):
        return text == "true"
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number[2] else int(text)


def _opted_out(document: Mapping[str, Any]) -> bool:
    return any(
        text_at(document, "metadata", marks, name) == DISABLED
        for marks in ("labels", "annotations")
        for name in OPT_OUT
    )
