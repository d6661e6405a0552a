import msgspec
import pytest

from fairlead.kube.catalogue import Catalogue, GroupVersion, Presence
from fairlead.kube.discovery_documents import NotAggregatedError, read_aggregated
from fairlead.kube.resource import Resource


def _resource(group: str, version: str, kind: str, *verbs: str) -> Resource:
    return Resource(
        group=group,
        version=version,
        plural=f"{kind.lower()}s",
        kind=kind,
        namespaced=True,
        verbs=frozenset(verbs or ("list", "watch")),
    )


def _version(group: str, version: str, *kinds: str, failure: str | None = None) -> GroupVersion:
    resources = tuple(_resource(group, version, kind) for kind in kinds)
    return GroupVersion(group=group, version=version, resources=resources, failure=failure)


def _document(*versions: dict[str, object], group: str = "ex.io") -> bytes:
    items = [{"metadata": {"name": group}, "versions": list(versions)}]
    return msgspec.json.encode({"kind": "APIGroupDiscoveryList", "items": items})


FOO = {
    "resource": "foos",
    "responseKind": {"group": "ex.io", "version": "v1", "kind": "Foo"},
    "scope": "Namespaced",
    "verbs": ["list", "watch", "get"],
    "subresources": [{"subresource": "status", "verbs": ["get"]}],
}


def test_an_aggregated_document_gives_resources_in_the_servers_order() -> None:
    found = read_aggregated(_document({"version": "v1", "resources": [FOO]}, {"version": "v1beta1"}))
    assert [entry.name for entry in found] == ["ex.io/v1", "ex.io/v1beta1"]
    resource = found[0].resources[0]
    assert (resource.plural, resource.kind, resource.namespaced) == ("foos", "Foo", True)
    assert resource.can_watch
    assert resource.subresources == {"status"}


def test_a_stale_version_is_failed_but_keeps_what_it_lists() -> None:
    found = read_aggregated(_document({"version": "v1", "freshness": "Stale", "resources": [FOO]}))
    assert found[0].failure is not None
    assert found[0].resources[0].kind == "Foo"


@pytest.mark.parametrize("body", [b'{"kind":"APIVersions","versions":["v1"]}', b"nonsense"])
def test_an_older_servers_answer_is_recognised(body: bytes) -> None:
    with pytest.raises(NotAggregatedError):
        read_aggregated(body)


def test_a_kind_is_absent_only_when_its_whole_group_answered() -> None:
    catalogue = Catalogue([_version("ex.io", "v1", "Foo"), _version("broken.io", "v1", failure="503")])
    assert catalogue.presence("ex.io", "Foo") is Presence.PRESENT
    assert catalogue.presence("ex.io", "Bar") is Presence.ABSENT
    assert catalogue.presence("broken.io", "Bar") is Presence.UNKNOWN
    assert catalogue.failures == {"broken.io/v1": "503"}


def test_what_was_known_of_a_failed_version_is_kept() -> None:
    earlier = Catalogue([_version("ex.io", "v1", "Foo")])
    now = Catalogue([_version("ex.io", "v1", failure="503")]).keeping(earlier)
    assert now.presence("ex.io", "Foo") is Presence.PRESENT
    assert now.presence("ex.io", "Bar") is Presence.UNKNOWN


def test_one_preferred_version_is_watched_per_kind() -> None:
    catalogue = Catalogue([_version("ex.io", "v2", "Foo"), _version("ex.io", "v1", "Foo", "Bar")])
    assert [(item.kind, item.version) for item in catalogue.preferred()] == [("Foo", "v2"), ("Bar", "v1")]
    assert catalogue.versions_of("ex.io", "Foo") == ("v2", "v1")
    older = catalogue.resource_for("ex.io", "Foo", "v1")
    assert older is not None
    assert older.version == "v1"


def test_a_version_that_can_be_watched_is_preferred_to_one_that_cannot() -> None:
    unwatchable = GroupVersion(
        group="ex.io", version="v2", resources=(_resource("ex.io", "v2", "Foo", "create"),)
    )
    catalogue = Catalogue([unwatchable, _version("ex.io", "v1", "Foo")])
    assert [item.version for item in catalogue.preferred()] == ["v1"]


def test_helm_gets_versions_and_kinds() -> None:
    catalogue = Catalogue([_version("", "v1", "Pod"), _version("apps", "v1", "Deployment")])
    assert catalogue.api_versions() == ["apps/v1", "apps/v1/Deployment", "v1", "v1/Pod"]
