"""By which rules one object is compared: what the application, the object itself and the settings say.

Invariant: of two that speak of one thing the nearer wins: the object, then the application, then the system.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fairlead.app_controller.comparing.grounds import Terms
from fairlead.app_controller.comparing.item import Item, Subject
from fairlead.diff.compare import DEFAULT_RULES, Rules
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.ignore import ANNOTATION, ignored_for
from fairlead.diff.known_types import SHIPPED, KnownTypes
from fairlead.diff.normalize import Settings
from fairlead.diff.result import COMPARE_OPTIONS, options_in
from fairlead.manifest.fields import Manifest, annotation_of
from fairlead.manifest.identity import GroupKind
from fairlead.manifest.prepare import Desired
from fairlead.manifest.tracking import Method
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.settings import ControllerSettings
from fairlead.settings.reading import Reader

SERVER_SIDE_DIFF: Final = "ServerSideDiff"
INCLUDE_MUTATION_WEBHOOK: Final = "IncludeMutationWebhook"


def compare_options(text: str, *, server_side: bool = False) -> frozenset[str]:
    """The compare options of an application's annotation; `server_side` is what the system says of those that
    say nothing."""
    options = options_in(text)
    is_said = any(option.startswith(f"{SERVER_SIDE_DIFF}=") for option in options)
    return options if is_said or not server_side else options | {f"{SERVER_SIDE_DIFF}=true"}


def rules_for(subject: Subject, desired: Desired) -> Rules:
    """What is left out of the comparison of one object, and whom it is put to. Raises IgnoreRuleError.

    It is called once for an object that is judged; whoever needs the rules later takes them from the item.
    """
    terms, obj = subject.terms, desired.marks.outline
    everybodys = (*terms.ignore, *_configured(terms))
    tracking = terms.settings.tracking
    own = options_in(annotation_of(obj, COMPARE_OPTIONS))
    asks = _says(SERVER_SIDE_DIFF, own, terms.compare_options)
    return Rules(
        ignored=ignored_for(desired.key, everybodys, annotation=own_pointers(obj)),
        settings=Settings(
            ignore_status=terms.settings.ignore_status.value,
            ignore_aggregated_roles=terms.settings.ignore_aggregated_roles,
            known_types=known_types(terms.settings, desired.key.group_kind),
        ),
        list_keys=subject.cluster.list_keys,
        label_key="" if tracking.method is Method.LABEL else tracking.label_key,
        server_side=asks is True,
        include_mutation_webhook=asks is not False
        and _says(INCLUDE_MUTATION_WEBHOOK, own, terms.compare_options) is True,
    )


def rules_of(subject: Subject, item: Item) -> Rules:
    """Those that an item was compared by, or would be: of one that is remembered they are not known. Raises
    IgnoreRuleError."""
    if item.rules is not None or item.desired is None:
        return item.rules or DEFAULT_RULES
    return rules_for(subject, item.desired)


def known_types(settings: ControllerSettings, kind: GroupKind) -> KnownTypes:
    """The fields of a kind that hold built-in types."""
    configured = (
        field for rule in settings.known_types if (rule.group, rule.kind) == kind for field in rule.fields
    )
    return (*SHIPPED.get(kind, ()), *configured)


def own_pointers(desired: Manifest) -> tuple[str, ...]:
    """The JSON pointers in an object's own annotation. Raises IgnoreRuleError."""
    text = annotation_of(desired, ANNOTATION)
    if not text:
        return ()
    read = Reader(ANNOTATION, {"value": text})
    found = read.document("value")
    pointers = found.get("jsonPointers", []) if isinstance(found, dict) else None
    if not isinstance(pointers, list) or not all(isinstance(item, str) for item in pointers):
        raise IgnoreRuleError(f"annotation {ANNOTATION} must be YAML with a list jsonPointers")
    return tuple(pointers)


def _configured(terms: Terms) -> Iterable[ResourceIgnoreDifferences]:
    return (
        ResourceIgnoreDifferences(
            group=rule.group,
            kind=rule.kind,
            json_pointers=rule.json_pointers,
            jq_path_expressions=rule.jq_path_expressions,
            managed_fields_managers=rule.managed_fields_managers,
        )
        for rule in terms.settings.ignore_differences
    )


def _says(name: str, *options: frozenset[str]) -> bool | None:
    """What the first that speaks of an option says; None when none does."""
    for said in options:
        for value in (False, True):
            if f"{name}={str(value).lower()}" in said:
                return value
    return None
