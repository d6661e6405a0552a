"""What is known of a chart's, or an OCI artefact's, version; chart and OCI repositories come later.

The invariant: who may not see the application learns nothing; who may is told what cannot be answered.
"""

from typing import Any, NoReturn

from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.requests import RevisionQuery, source_at
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.model.source import Source

OCI = "oci://"


async def chart_details(backend: Backend, caller: Caller, query: RevisionQuery) -> dict[str, Any]:
    """ChartDetails of a revision of a source that is a chart."""
    source = _source(backend, caller, query)
    if not source.chart:
        raise RefusalError(Code.UNKNOWN, "no chart found for application")
    _not_yet("details of charts")


async def oci_metadata(backend: Backend, caller: Caller, query: RevisionQuery) -> dict[str, Any]:
    """OCIMetadata of a revision of a source that is an OCI artefact."""
    source = _source(backend, caller, query)
    if not source.repo_url.startswith(OCI):
        raise RefusalError(Code.UNKNOWN, "no OCI source found for application")
    _not_yet("metadata of OCI artefacts")


def _source(backend: Backend, caller: Caller, query: RevisionQuery) -> Source:
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    source = source_at(lookup.application(document).spec.effective_sources(), query.source_index + 1)
    if source is None:
        raise RefusalError(Code.UNKNOWN, "source position is out of range")
    return source


def _not_yet(what: str) -> NoReturn:
    raise RefusalError(Code.UNIMPLEMENTED, f"{what} are not served by this version")
