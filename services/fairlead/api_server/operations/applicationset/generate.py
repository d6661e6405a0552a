"""What a set would come to: `appset generate`, a dry run, and what saving it would change.

Invariant: whoever asks may make the set; Applications of other projects than the one it names are shown to
those only who may make sets in these.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.api_server.kinds import APPLICATION_SETS
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application.lookup import outside
from fairlead.api_server.operations.applicationset import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.project.lookup import find as find_project
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.project import is_namespace_permitted_for_apps
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import to_object
from fairlead.rpc.sets import GeneratedApplications

Object = dict[str, Any]

TEMPLATED = (
    "the Argo CD API does not currently support creating ApplicationSets with templated `project` fields"
)


def require_named_project(wanted: ApplicationSet) -> None:
    """Refuse a set whose project is generated, as rights go by it."""
    if "{{" in wanted.spec.template.spec.project:
        raise RefusalError(Code.UNKNOWN, TEMPLATED)


def projects_of(wanted: ApplicationSet) -> list[str]:
    """The projects that its Applications may go to: the template's, those that templates of generators name
    in its place, and `*`, all of them, where parameters decide that."""
    found = {wanted.spec.template.spec.project: None}
    for generator in wanted.spec.generators:
        for name in generator.__struct_fields__:
            template = getattr(getattr(generator, name), "template", None)
            if template is not None and template.spec.project:
                project = template.spec.project
                found["*" if "{{" in project else project] = None
    return list(found)


def require_project(backend: Backend, wanted: ApplicationSet) -> None:
    """Refuse a set whose project is not there, or has no Applications of its namespace."""
    project = wanted.spec.template.spec.project
    namespace = wanted.metadata.namespace or backend.namespace
    found = find_project(backend, project)
    if found is None or not is_namespace_permitted_for_apps(found, namespace, backend.namespace):
        text = f"ApplicationSet references project {project} which does not exist"
        raise RefusalError(Code.INVALID_ARGUMENT, text)


async def generated(
    backend: Backend, caller: Caller, wanted: ApplicationSet
) -> tuple[list[Object], GeneratedApplications]:
    """Its Applications, and what the set would do."""
    metadata = wanted.metadata
    namespace = metadata.namespace or backend.namespace
    project = wanted.spec.template.spec.project
    document = {
        "apiVersion": APPLICATION_SETS.api_version,
        "kind": APPLICATION_SETS.kind,
        "metadata": {
            "name": metadata.name,
            "namespace": namespace,
            "labels": metadata.labels,
            "annotations": metadata.annotations,
        },
        "spec": to_object(wanted.spec),
    }
    try:
        answer = await backend.ask.generate_set(msgspec.json.encode(document))
    except RefusalError as error:
        if error.code is not Code.INVALID_ARGUMENT:
            raise
        text = f"unable to generate Applications of ApplicationSet: {error.message}"
        raise RefusalError(Code.UNKNOWN, text) from error
    applications: list[Object] = msgspec.json.decode(answer.applications)
    place = outside(backend, metadata.namespace)
    for other in sorted({_project(item) for item in applications} - {project or "default"}):
        authorize.require(
            caller, lookup.RESOURCE, "create", authorize.application_object(other, metadata.name, place)
        )
    return applications, answer


def status_of(applications: list[Object], namespace: str) -> Object:
    """The status of a set that has made these."""
    head = {"group": "argoproj.io", "version": "v1alpha1", "kind": "Application", "namespace": namespace}
    resources = [{**head, "name": item["metadata"]["name"]} for item in applications]
    return {"resources": resources, "resourcesCount": len(resources)}


def _project(application: Object) -> str:
    return str((application.get("spec") or {}).get("project") or "default")
