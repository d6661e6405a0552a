"""What texts are told of repositories, and of which ones they are told nothing."""

import msgspec
import pytest

from fairlead.bus import BusUnavailableError, RemoteError
from fairlead.events.envelope import encode
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_app_project
from fairlead.notices.environment import RepositoryError
from fairlead.notifications.delivering.repositories import AskedRepositories
from fairlead.rpc import RevisionDescription
from fairlead.rpc.access import DescribedSource

PROJECT = b'{"metadata": {"name": "default"}, "spec": {"sourceRepos": ["https://git.example/*"]}}'


class _Bus:
    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.subjects: list[str] = []

    async def request(self, subject: str, payload: bytes, *, timeout: float, patience: float) -> bytes:  # noqa: ASYNC109
        self.subjects.append(subject)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def _asked(answer: bytes | Exception) -> tuple[AskedRepositories, _Bus]:
    bus = _Bus(answer)
    return AskedRepositories(bus, _project), bus  # type: ignore[arg-type]


def _project(name: str, namespace: str) -> AppProject | None:
    return decode_app_project(PROJECT) if (name, namespace) == ("default", "n") else None


def _app(url: str = "https://git.example/a.git", namespace: str = "n", **source: object) -> bytes:
    spec = {"source": {"repoURL": url, "path": ".", **source}, "destination": {"name": "x"}}
    return msgspec.json.encode({"metadata": {"name": "a", "namespace": namespace}, "spec": spec})


async def test_a_commit_and_the_source_are_described() -> None:
    asked, _ = _asked(encode(RevisionDescription(author="Ann", date="2026-01-01T00:00:00Z", message="m")))
    assert (await asked.commit(_app(), "abc"))["author"] == "Ann"
    asked, _ = _asked(encode(DescribedSource(source_type="Helm", name="c", parameters=(("tag", "1"),))))
    found = await asked.details(_app(helm={"parameters": [{"name": "tag", "value": "2"}]}))
    assert [each["value"] for each in found["helm"]["parameters"]] == ["2", "1"]
    asked, _ = _asked(encode(DescribedSource(source_type="Kustomize")))
    assert await asked.details(_app(kustomize={"images": ["a:1"]})) == {
        "type": "Kustomize",
        "kustomize": {"images": ["a:1"]},
    }


async def test_a_repository_that_the_project_does_not_permit_is_not_asked() -> None:
    asked, bus = _asked(b"")
    with pytest.raises(RepositoryError, match="does not permit"):
        await asked.commit(_app("https://elsewhere.example/secret.git"), "abc")
    assert bus.subjects == []


async def test_a_project_that_does_not_permit_the_applications_namespace_lends_it_no_repository() -> None:
    asked, bus = _asked(b"")
    for ask in (asked.details(_app(namespace="m")), asked.commit(_app(namespace="m"), "abc")):
        with pytest.raises(RepositoryError, match="does not permit"):
            await ask
    assert bus.subjects == []


@pytest.mark.parametrize("error", [BusUnavailableError("away"), RemoteError("NotFound", "no such revision")])
async def test_a_refusal_is_words(error: Exception) -> None:
    asked, _ = _asked(error)
    with pytest.raises(RepositoryError, match=r"repo-server does not answer|no such revision"):
        await asked.commit(_app(), "abc")
