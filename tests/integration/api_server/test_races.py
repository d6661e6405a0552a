"""What was permitted for one object is done to that object, as it is when it is written."""

from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application.amend import Permit, amend, remove
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, application

CI = Caller(username="ci", issuer="argocd")


class _Backend(msgspec.Struct, kw_only=True):
    """The part of a backend that writes."""

    kube: KubeClient
    namespace: str = NAMESPACE
    mirrors: object = None


@pytest_asyncio.fixture
async def document(kube: KubeClient, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApplicationDocument]:
    """An application of project `theirs`, in which alone `ci` may do anything."""

    def is_allowed(_: Caller, __: str, ___: str, obj: str) -> bool:
        return obj.startswith("theirs/")

    monkeypatch.setattr(authorize, "is_allowed", is_allowed)
    made = await application(kube, "raced", spec=spec("theirs"))
    yield read_application(msgspec.json.encode(made))
    if await kube.find(APPLICATIONS, "raced", NAMESPACE) is not None:
        await kube.delete(APPLICATIONS, "raced", NAMESPACE)


def spec(project: str) -> dict[str, object]:
    return {
        "project": project,
        "source": {"repoURL": "https://git.example/a.git", "path": "a"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    }


async def relabel(backend: Backend, permit: Permit) -> None:
    await amend(backend, permit, lambda obj: obj["metadata"].update(labels={"changed": "yes"}))


@pytest.mark.parametrize("change", [relabel, remove])
async def test_an_application_that_moved_to_another_project_is_left_alone(
    change: Callable[[Backend, Permit], Awaitable[None]], document: ApplicationDocument, kube: KubeClient
) -> None:
    await kube.merge_patch(APPLICATIONS, "raced", {"spec": {"project": "ours"}}, NAMESPACE)
    permit = Permit(caller=CI, actions=("update",), document=document)
    with pytest.raises(RefusalError) as refused:
        await change(_Backend(kube=kube), permit)  # type: ignore[arg-type]
    assert refused.value.code is Code.PERMISSION_DENIED
    assert b"changed" not in await kube.get(APPLICATIONS, "raced", NAMESPACE)


@pytest.mark.parametrize("change", [relabel, remove])
async def test_another_application_of_the_same_name_is_left_alone(
    change: Callable[[Backend, Permit], Awaitable[None]], document: ApplicationDocument, kube: KubeClient
) -> None:
    await kube.delete(APPLICATIONS, "raced", NAMESPACE)
    await application(kube, "raced", spec=spec("theirs"))
    permit = Permit(caller=CI, actions=("update",), document=document)
    with pytest.raises(RefusalError) as refused:
        await change(_Backend(kube=kube), permit)  # type: ignore[arg-type]
    assert refused.value.code is Code.ABORTED
    assert b"changed" not in await kube.get(APPLICATIONS, "raced", NAMESPACE)


async def test_an_application_that_changes_while_it_is_deleted_is_looked_at_again(
    document: ApplicationDocument, kube: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = KubeClient.delete

    async def delete(self: KubeClient, *words: object, **more: object) -> bytes:
        if not asked:
            await kube.merge_patch(APPLICATIONS, "raced", {"spec": {"project": "ours"}}, NAMESPACE)
        asked.append("delete")
        return await original(self, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(KubeClient, "delete", delete)
    permit = Permit(caller=CI, actions=("delete",), document=document)
    with pytest.raises(RefusalError) as refused:
        await remove(_Backend(kube=kube), permit)  # type: ignore[arg-type]
    monkeypatch.undo()
    assert refused.value.code is Code.PERMISSION_DENIED
    assert asked == ["delete"]
    assert await kube.find(APPLICATIONS, "raced", NAMESPACE) is not None
