import msgspec

from fairlead.kube.custom_resources import CRD, ServedKinds
from fairlead.kube.head import decode_head
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.kube.live_object import LiveObject, live_object
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind
from fairlead.manifest.tracking import owner_of

DEFINITIONS = Resource(
    group=CRD.group, version="v1", plural="customresourcedefinitions", kind=CRD.kind, namespaced=False
)
FOO = GroupKind("ex.io", "Foo")


def _definition(version: int, *served: str, established: bool) -> LiveObject:
    raw = msgspec.json.encode(
        {
            "metadata": {"name": "foos.ex.io", "uid": "u", "resourceVersion": str(version)},
            "spec": {
                "group": "ex.io",
                "names": {"kind": "Foo"},
                "versions": [{"name": name, "served": True} for name in served],
            },
            "status": {"conditions": [{"type": "Established", "status": str(established)}]},
        }
    )
    return live_object(DEFINITIONS, decode_head(raw), raw, owner_of)


def _change(old: LiveObject | None, new: LiveObject | None) -> LiveChange:
    found = new or old
    assert found is not None
    type_ = ChangeType.DELETED if new is None else ChangeType.MODIFIED if old else ChangeType.ADDED
    return LiveChange(type_, found.key, old, new)


def test_discovery_is_asked_when_a_definition_is_established_and_until_it_lists_the_kind() -> None:
    listed: dict[GroupKind, tuple[str, ...]] = {}
    kinds = ServedKinds(lambda kind: listed.get(kind, ()))
    created = _definition(1, "v1", established=False)
    assert not kinds.note(_change(None, created))
    assert kinds.note(_change(created, _definition(2, "v1", established=True)))
    assert not kinds.agree()
    assert kinds.defines(FOO)
    listed[FOO] = ("v1",)
    assert kinds.agree()


def test_discovery_is_asked_when_a_version_comes_or_the_definition_goes() -> None:
    listed = {FOO: ("v1",)}
    kinds = ServedKinds(lambda kind: listed.get(kind, ()))
    one, two = _definition(1, "v1", established=True), _definition(2, "v1", "v2", established=True)
    assert not kinds.note(_change(None, one))
    assert kinds.note(_change(one, two))
    listed[FOO] = ("v2", "v1")
    assert kinds.agree()
    assert kinds.note(_change(two, None))
    assert not kinds.defines(FOO)
    del listed[FOO]
    assert kinds.agree()
