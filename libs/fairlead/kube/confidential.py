"""What may be said of a refusal when the object refused was a Secret.

API servers and admission webhooks quote values in what they answer (`expected string, got …`, a webhook's own
words). Such an answer becomes a condition, an operation's message, an event and a line of a log. So of a
write to a Secret only this is told: the reason, the fields, and sentences known to hold no value.

Invariant: no text of the answer passes that is not matched whole by a pattern of this module.
"""

import re
from collections.abc import Iterator
from typing import Final

from fairlead.kube.errors import Cause, KubeError

WITHHELD: Final = "what else the API server said is not shown, since it may hold values of the Secret"
_FIELD: Final = r"\.?[A-Za-z][A-Za-z0-9_]*+(?:\[[A-Za-z0-9_.\-/]*+\]?|\.[A-Za-z0-9_\-/]*+\]?)*+"
"""Never tries a text in two ways: names with many dots are anybody's to choose."""
_NAME: Final = r'"?[A-Za-z0-9_.\-/:]*"?'
_SECRETS: Final = re.compile(r"/api/v1/(?:namespaces/[^/]+/)?secrets(?:/|$)")
_WHOLE: Final = re.compile(
    rf"secrets {_NAME} (?:not found|already exists)"
    rf'|secrets {_NAME} is forbidden: User {_NAME} cannot [a-z]+ resource "secrets" in API group ""'
    rf"(?: in the namespace {_NAME}| at the cluster scope)?"
    rf"|namespaces {_NAME} not found"
    r'|admission webhook "[A-Za-z0-9.\-]+" does not support dry run'
    rf"|Operation cannot be fulfilled on secrets {_NAME}: the object has been modified; please apply your "
    r"changes to the latest version and try again"
)
"""Answers told word for word."""
_TYPED: Final = re.compile(rf"Kind=Secret\): ({_FIELD})(?=: )")
_UNDECLARED: Final = re.compile(rf"(?<![A-Za-z0-9_.\-/\[\]])({_FIELD}): field not declared in schema")
_DENIED: Final = re.compile(
    r"^(admission webhook \"[A-Za-z0-9.\-]+\" denied the request"
    r"|ValidatingAdmissionPolicy '[A-Za-z0-9.\-]+' with binding '[A-Za-z0-9.\-]+' denied request)"
)
_KNOWN: Final = (
    ("field is immutable", "it is immutable"),
    ("Required value", "a value is required"),
    ("illegal base64 data", "a value is not base64"),
    ("expected string", "a value is not a string"),
    ("expected map", "a list or value stands where a map belongs"),
    ("cannot unmarshal", "a value has the wrong type"),
    ("Too long", "it is too long"),
    ("exceeded quota", "a quota is exceeded"),
)
"""Phrases of an answer, and the words in which they are told."""
_BY_SERVER: Final = frozenset({0, 429, 502, 503, 504})
"""No answer, or one of a server that did not look at the object; a webhook may deny with these, too."""


def names_secrets(path: str) -> bool:
    """Whether a request's path is that of Secrets, so that no answer may be passed on as it is."""
    return _SECRETS.match(path) is not None


def confidential(error: KubeError) -> KubeError:
    """The same error with nothing in it that could hold a value. Its `str` is its message."""
    told: KubeError = type(error).__new__(type(error))
    told.__dict__.update(error.__dict__)
    told.message = _told(error)
    told.causes = tuple(Cause(reason=cause.reason, field=_field(cause.field)) for cause in error.causes)
    told.args = (told.message,)
    return told


def _told(error: KubeError) -> str:
    denied = _DENIED.match(error.message)
    if _WHOLE.fullmatch(error.message) or (error.status in _BY_SERVER and not denied):
        return error.message
    if denied:
        return f"{denied[1]}; {WITHHELD}"
    undeclared = [f"{path}: field not declared in schema" for path in _UNDECLARED.findall(error.message)]
    if undeclared and " got " not in error.message:
        return "; ".join(dict.fromkeys(undeclared))
    parts = [", ".join(dict.fromkeys(_fields(error))), *_phrases(error.message)]
    words = ": ".join(part for part in ("; ".join(parts[1:]), parts[0]) if part)
    return f"the Secret was refused ({error.reason or f'HTTP status {error.status}'}): " + (
        f"{words}; {WITHHELD}" if words else WITHHELD
    )


def _fields(error: KubeError) -> Iterator[str]:
    yield from (field for cause in error.causes if (field := _field(cause.field)))
    found = _TYPED.search(error.message)
    if found:
        yield found[1]


def _field(text: str) -> str:
    return text if re.fullmatch(_FIELD, text) else ""


def _phrases(message: str) -> list[str]:
    return [words for phrase, words in _KNOWN if phrase in message]
