"""The flags that describe a project, and how each is written into its spec."""

from collections.abc import Callable, Sequence
from typing import Any

from fairlead.cli.client import Document
from fairlead.cli.command import Flag, Values, many, switch, text
from fairlead.cli.errors import SettingsError

SPEC_FLAGS: tuple[Flag, ...] = (
    text("description", "What the project is for."),
    many("dest", "Permitted destination, SERVER|NAME,NAMESPACE.", short="d"),
    many("src", "Permitted repository.", short="s"),
    many("signature-keys", "GnuPG key that commits have to be signed with.", commas=True),
    switch("orphaned-resources", "Watch for objects that belong to nobody."),
    switch("orphaned-resources-warn", "Warn of objects that belong to nobody."),
    many("allow-cluster-resource", "Permitted kind without a namespace, GROUP/KIND.", commas=True),
    many("deny-cluster-resource", "Denied kind without a namespace, GROUP/KIND.", commas=True),
    many("allow-namespaced-resource", "Permitted kind with a namespace, GROUP/KIND.", commas=True),
    many("deny-namespaced-resource", "Denied kind with a namespace, GROUP/KIND.", commas=True),
    many("source-namespaces", "Namespace that applications of the project may be in.", commas=True),
    many("dest-service-accounts", "Account to sync with, SERVER,NAMESPACE,ACCOUNT."),
)
SPEC_NAMES = tuple(flag.name for flag in SPEC_FLAGS)


def apply_spec(spec: Document, values: Values) -> None:
    """Write what the flags say, each replacing what was there. Raises SettingsError."""
    for name, (key, read) in _LISTS.items():
        if values.is_given(name):
            spec[key] = read(values.many(name))
    if values.is_given("description"):
        spec["description"] = values.text("description")
    if values.any_given(("orphaned-resources", "orphaned-resources-warn")):
        _orphaned(spec, values)


def kind_of(written: str) -> dict[str, str]:
    """GROUP/KIND or GROUP/KIND/NAME as a spec has it."""
    parts = written.split("/")
    if len(parts) not in (2, 3):
        raise SettingsError(f"expected GROUP/KIND, got: {written}")
    return {key: part for key, part in zip(("group", "kind", "name"), parts, strict=False) if part}


def destination(written: str) -> dict[str, str]:
    """SERVER,NAMESPACE or NAME,NAMESPACE as a spec has it."""
    server, comma, namespace = written.partition(",")
    if not comma or "," in namespace:
        raise SettingsError(f"expected destination of the form: server,namespace. Received: {written}")
    return {"server" if is_server(server) else "name": server, "namespace": namespace}


def is_server(text: str) -> bool:
    """Whether a destination is meant by its address, not by its name."""
    return text == "*" or "://" in text


def _account(written: str) -> dict[str, str]:
    parts = written.split(",")
    if len(parts) != 3:
        raise SettingsError(
            "expected destination service account of the form: server,namespace, defaultServiceAccount. "
            f"Received: {written}"
        )
    return dict(zip(("server", "namespace", "defaultServiceAccount"), parts, strict=True))


def _orphaned(spec: Document, values: Values) -> None:
    if values.is_given("orphaned-resources") and not values.switch("orphaned-resources"):
        if values.switch("orphaned-resources-warn"):
            raise SettingsError("--orphaned-resources-warn needs --orphaned-resources")
        spec.pop("orphanedResources", None)
        return
    watched = spec.setdefault("orphanedResources", None) or {}
    if values.is_given("orphaned-resources-warn"):
        watched["warn"] = values.switch("orphaned-resources-warn")
    spec["orphanedResources"] = watched


Reader = Callable[[Sequence[str]], list[Any]]


def _each(read: Callable[[str], Any]) -> Reader:
    return lambda texts: [read(text) for text in texts]


_LISTS: dict[str, tuple[str, Reader]] = {
    "dest": ("destinations", _each(destination)),
    "src": ("sourceRepos", list),
    "signature-keys": ("signatureKeys", _each(lambda key: {"keyID": key})),
    "allow-cluster-resource": ("clusterResourceWhitelist", _each(kind_of)),
    "deny-cluster-resource": ("clusterResourceBlacklist", _each(kind_of)),
    "allow-namespaced-resource": ("namespaceResourceWhitelist", _each(kind_of)),
    "deny-namespaced-resource": ("namespaceResourceBlacklist", _each(kind_of)),
    "source-namespaces": ("sourceNamespaces", list),
    "dest-service-accounts": ("destinationServiceAccounts", _each(_account)),
}
