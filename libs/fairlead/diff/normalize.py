"""Putting desired and live into one spelling, so that only real differences are left.

Invariant: arguments are never changed; copies share whatever was not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fairlead.diff.fieldset import Fields, merged
from fairlead.diff.ignore import NOTHING, Ignored, without_pointers
from fairlead.diff.known_types import KnownTypes, with_known_types
from fairlead.diff.ownership import owned_fields, without_owned
from fairlead.manifest.fields import Manifest, labels_of, mapping_at, text_at, value_at
from fairlead.manifest.identity import GroupKind, gvk_of
from fairlead.manifest.secret import SECRET, with_encoded_data
from fairlead.manifest.stated import SERVER_METADATA
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION, TRACKING_ID

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
ENDPOINTS = GroupKind("", "Endpoints")
_RBAC = "rbac.authorization.k8s.io"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``resource.compareoptions``: whose status is left out (``all``, ``crd``, ``none``), and so on.

    ``known_types`` are the ``knownTypeFields`` of the kind.
    """

    ignore_status: str = "all"
    ignore_aggregated_roles: bool = False
    known_types: KnownTypes = ()


DEFAULT_SETTINGS = Settings()


def normalize(
    obj: Manifest,
    *,
    ignored: Ignored = NOTHING,
    settings: Settings = DEFAULT_SETTINGS,
    foreign: Fields | None = None,
) -> dict[str, Any]:
    """One side of a comparison. ``foreign`` are the fields of managers the user asked to disregard."""
    kind = gvk_of(obj).group_kind
    result = dict(obj)
    if settings.ignore_status == "all" or (settings.ignore_status == "crd" and _is_crd(kind)):
        result.pop("status", None)
    result["metadata"] = _metadata(obj)
    if settings.known_types:
        result = with_known_types(result, settings.known_types)
    special = _SPECIAL.get(kind)
    if special is not None:
        result = special(result, settings)
    if foreign:
        result = without_owned(result, foreign)
    return without_pointers(result, ignored.pointers) if ignored.pointers else result


def foreign_fields(live: Manifest, ignored: Ignored) -> Fields | None:
    """What the managers named by ``managedFieldsManagers`` own of a live object."""
    found: Fields | None = None
    for manager in ignored.managers:
        fields = owned_fields(live, manager)
        if fields:
            found = fields if found is None else merged(found, fields)
    return found


def with_migrated_mark(live: Manifest, desired: Manifest, label_key: str) -> Manifest:
    """A live object marked by label only counts as carrying the desired ``tracking-id``.

    The label is dropped when the desired object does not have it. For the annotation methods only.
    """
    mark = text_at(desired, "metadata", "annotations", TRACKING_ID)
    labels = labels_of(live)
    if (
        not mark
        or label_key not in labels
        or gvk_of(live).group_kind == CUSTOM_RESOURCE_DEFINITION
        or text_at(live, "metadata", "annotations", TRACKING_ID)
    ):
        return live
    annotations = {**mapping_at(live, "metadata", "annotations"), TRACKING_ID: mark}
    metadata = {**mapping_at(live, "metadata"), "annotations": annotations}
    if label_key not in labels_of(desired):
        metadata["labels"] = {name: value for name, value in labels.items() if name != label_key}
    return {**live, "metadata": metadata}


def _is_crd(kind: GroupKind) -> bool:
    """The setting ``crd`` means the definitions themselves."""
    return kind == CUSTOM_RESOURCE_DEFINITION


def _metadata(obj: Manifest) -> dict[str, Any]:
    metadata = {
        name: value for name, value in mapping_at(obj, "metadata").items() if name not in SERVER_METADATA
    }
    annotations = metadata.get("annotations")
    if isinstance(annotations, Mapping) and LAST_APPLIED in annotations:
        metadata["annotations"] = {name: value for name, value in annotations.items() if name != LAST_APPLIED}
    return metadata


def _secret(obj: dict[str, Any], _: Settings) -> dict[str, Any]:
    """``stringData`` is a way of writing ``data``; it wins over it."""
    return with_encoded_data(obj)


def _role(obj: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Null rules are no rules; aggregated ones are written by the cluster."""
    aggregated = settings.ignore_aggregated_roles and value_at(obj, "aggregationRule") is not None
    if aggregated or obj.get("rules") is None:
        obj.pop("rules", None)
    return obj


def _endpoints(obj: dict[str, Any], _: Settings) -> dict[str, Any]:
    """The order of addresses means nothing."""
    subsets = obj.get("subsets")
    if isinstance(subsets, list):
        obj["subsets"] = [_sorted_addresses(item) for item in subsets]
    return obj


def _sorted_addresses(subset: Any) -> Any:
    if not isinstance(subset, Mapping):
        return subset
    return {
        name: sorted(value, key=lambda item: text_at(item, "ip")) if isinstance(value, list) else value
        for name, value in subset.items()
    }


_SPECIAL: dict[GroupKind, Callable[[dict[str, Any], Settings], dict[str, Any]]] = {
    SECRET: _secret,
    ENDPOINTS: _endpoints,
    GroupKind(_RBAC, "Role"): _role,
    GroupKind(_RBAC, "ClusterRole"): _role,
}
