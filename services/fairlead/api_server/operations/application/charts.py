"""What a version of a chart, or an OCI artifact, says of itself.

The invariant: who may not see the application learns nothing.
"""

from typing import Any

from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.requests import RevisionQuery, source_at
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.repository import is_artifact
from fairlead.model.application import Application
from fairlead.model.source import Source
from fairlead.rpc import access

_OPENCONTAINERS = "org.opencontainers.image."
_SAID = {
    "createdAt": "created",
    "authors": "authors",
    "imageUrl": "url",
    "docsUrl": "documentation",
    "sourceUrl": "source",
    "version": "version",
    "description": "description",
}
"""Fields of OCIMetadata and the annotations that they are."""


async def chart_details(backend: Backend, caller: Caller, query: RevisionQuery) -> dict[str, Any]:
    """ChartDetails of a revision of a source that is a chart."""
    app, source = _source(backend, caller, query)
    if not source.chart:
        raise RefusalError(Code.UNKNOWN, "no chart found for application")
    found = await backend.ask.version(_question(app, source, query))
    told = {
        "description": found.description,
        "home": found.home,
        "maintainers": list(found.maintainers),
    }
    return {key: value for key, value in told.items() if value}


async def oci_metadata(backend: Backend, caller: Caller, query: RevisionQuery) -> dict[str, Any]:
    """OCIMetadata of a revision of a source that is an OCI artifact."""
    app, source = _source(backend, caller, query)
    if source.chart or not is_artifact(source.repo_url):
        raise RefusalError(Code.UNKNOWN, "no OCI source found for application")
    found = await backend.ask.version(_question(app, source, query))
    told = {field: found.annotations.get(_OPENCONTAINERS + name, "") for field, name in _SAID.items()}
    return {field: value for field, value in told.items() if value}


def _source(backend: Backend, caller: Caller, query: RevisionQuery) -> tuple[Application, Source]:
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    app = lookup.application(document)
    source = source_at(app.spec.effective_sources(), query.source_index + 1)
    if source is None:
        raise RefusalError(Code.UNKNOWN, "source position is out of range")
    return app, source


def _question(app: Application, source: Source, query: RevisionQuery) -> access.DescribeVersion:
    return access.DescribeVersion(
        repo_url=source.repo_url,
        project=app.spec.project,
        chart=source.chart,
        revision=query.revision,
        pass_credentials=bool(source.helm and source.helm.pass_credentials),
    )
