"""What a project permits is what it says now."""

from typing import Any, cast

import msgspec

from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.following.projects import Projects
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from fairlead.matching.project import is_source_permitted
from fairlead.model.application import Application
from fairlead.model.decode import from_object
from fairlead.settings import ControllerSettings

URL = "https://git.example/a"


def taken(projects: Projects, spec: dict[str, Any]) -> None:
    raw = msgspec.json.encode({"metadata": {"name": "team", "namespace": "argocd"}, "spec": spec})
    projects.collection._on_put(decode_head(raw), raw)


def test_a_refused_address_is_told_without_its_password() -> None:
    projects = Projects(cast(KubeClient, None), "argocd", on_change=lambda _: None)
    checks = Checks(projects, cast(Any, None), ControllerSettings, "argocd")
    taken(projects, {"sourceRepos": ["https://git.example/b"]})
    source = {"repoURL": "https://me:c4n4ry@git.example/a", "path": "."}
    spec = {"project": "team", "source": source, "destination": {"server": "x"}}
    metadata = {"name": "app", "namespace": "argocd"}
    app = from_object({"metadata": metadata, "spec": spec}, Application)
    told = checks.forbidden(app, app.spec.effective_sources())
    assert told == "application repo https://git.example/a is not permitted in project 'team'"


def test_a_project_that_cannot_be_read_any_more_permits_nothing_until_it_can() -> None:
    changed: list[str] = []
    projects = Projects(cast(KubeClient, None), "argocd", on_change=changed.append)
    checks = Checks(projects, cast(Any, None), ControllerSettings, "argocd")
    metadata = {"name": "app", "namespace": "argocd"}
    app = from_object({"metadata": metadata, "spec": {"project": "team"}}, Application)
    taken(projects, {"sourceRepos": ["*"]})
    assert checks.missing_project(app) == ""
    taken(projects, {"sourceRepos": "https://git.example/b"})
    project = projects.get("team")
    assert project is not None
    assert not is_source_permitted(project, URL)
    assert "team cannot be read, so nothing is permitted in it" in checks.missing_project(app)
    assert "cannot be read" in checks.deletion_problem(app)
    taken(projects, {"sourceRepos": ["*"]})
    assert checks.missing_project(app) == ""
    assert changed == ["team"] * 3
