"""What texts ask of repositories, asked of the repo-server that owns each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from fairlead.bus import Bus, BusUnavailableError, NoResponderError, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import Event, SchemaError, decode, encode
from fairlead.matching.project import is_source_permitted
from fairlead.matching.repository import partition
from fairlead.model.application import Application
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_application
from fairlead.model.errors import MalformedObjectError
from fairlead.model.source import Source
from fairlead.notices.environment import RepositoryError
from fairlead.rpc import repo
from fairlead.rpc.access import DETAILS, DescribedSource, DescribeSource

SECONDS: Final = 30.0
"""For which one answer is waited."""
E = TypeVar("E", bound=Event)


class AskedRepositories:
    """Over the bus. `project_of` is the project of a name, for an Application in a namespace.

    An application is told of no repository that its project does not permit.
    """

    def __init__(self, bus: Bus, project_of: Callable[[str, str], AppProject | None]) -> None:
        self._bus = bus
        self._project_of = project_of

    async def commit(self, app: bytes, sha: str) -> Mapping[str, Any]:
        """Of the application's first repository."""
        read, source = self._permitted(app)
        question = repo.DescribeRevision(
            repo_url=source.repo_url, project=read.spec.project or "default", revision=sha
        )
        told = await self._asked(source.repo_url, repo.DESCRIBE, question, repo.RevisionDescription)
        when = {"date": told.date} if told.date else {}
        return {"message": told.message, "author": told.author, "tags": told.tags, **when}

    async def details(self, app: bytes) -> Mapping[str, Any]:
        """Of the application's first source."""
        read, source = self._permitted(app)
        helm = source.helm
        question = DescribeSource(
            repo_url=source.repo_url,
            project=read.spec.project or "default",
            revision=source.target_revision or "",
            chart=source.chart or "",
            path=source.path or "",
            value_files=tuple(helm.value_files) if helm is not None else (),
        )
        told = await self._asked(source.repo_url, DETAILS, question, DescribedSource)
        return described(source, told)

    def _permitted(self, app: bytes) -> tuple[Application, Source]:
        read, source = _read(app)
        project = self._project_of(read.spec.project or "default", read.metadata.namespace or "")
        if project is None or not is_source_permitted(project, source.repo_url):
            raise RepositoryError("its project does not permit the repository")
        return read, source

    async def _asked(self, url: str, verb: str, question: Event, answer: type[E]) -> E:
        subject = subjects.rpc_repo(partition(url), verb)
        try:
            raw = await self._bus.request(subject, encode(question), timeout=SECONDS, patience=repo.PATIENCE)
            return decode(answer, raw)
        except (BusUnavailableError, NoResponderError) as error:
            raise RepositoryError("the repo-server does not answer") from error
        except (RemoteError, SchemaError) as error:
            raise RepositoryError(str(error)) from error


def described(source: Source, told: DescribedSource) -> Mapping[str, Any]:
    """The details as texts see them; what the Application sets stands before what the chart says."""
    if told.source_type != "Helm":
        kustomize = source.kustomize
        images = [str(image) for image in kustomize.images] if kustomize is not None else []
        of_tool: dict[str, dict[str, Any]] = {
            "Kustomize": {"kustomize": {"images": images}},
            "Directory": {"directory": {}},
        }
        return {"type": told.source_type, **of_tool.get(told.source_type, {})}
    helm = source.helm
    own = [(one.name, one.value) for one in helm.parameters] if helm is not None else []
    files = [(one.name, one.path) for one in helm.file_parameters] if helm is not None else []
    helm_details = {
        "name": told.name,
        "valueFiles": told.value_files,
        "values": told.values,
        "parameters": [{"name": name, "value": value} for name, value in (*own, *told.parameters)],
        "fileParameters": [{"name": name, "path": path} for name, path in files],
    }
    return {"type": told.source_type, "helm": helm_details}


def _read(app: bytes) -> tuple[Application, Source]:
    try:
        read = decode_application(app)
    except MalformedObjectError as error:
        raise RepositoryError(f"the Application cannot be read: {error}") from error
    sources = read.spec.effective_sources()
    if not sources or not sources[0].repo_url:
        raise RepositoryError("the Application has no source")
    return read, sources[0]
