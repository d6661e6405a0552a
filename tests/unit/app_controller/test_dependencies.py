"""Whom a change wakes of those that depend on others, and which edges make a circle."""

from __future__ import annotations

import json
from typing import Any

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.looking.dependencies import Dependencies
from fairlead.app_controller.rendering.revisions import Followers
from fairlead.events.ref_history import RefHistories
from fairlead.matching.circles import circle_of
from fairlead.matching.dependencies import ANNOTATION
from fairlead.matching.repository import identity
from fairlead.model.application import AppId
from fairlead.model.decode import decode_application

REPO, OTHER = "https://git.example/a.git", "https://git.example/b.git"


class World:
    """Applications of a book, and who is woken."""

    def __init__(self) -> None:
        self.book, self.followers, self.woken = Book("argocd"), Followers(), list[str]()
        self.dependencies = Dependencies(
            self.book,
            requeue=lambda app_id: self.woken.append(app_id.name),
            project=lambda _: None,
            histories=RefHistories,
            follows=self.followers.follows,
        )

    def app(self, name: str, on: str = "", *, repo: str = REPO, project: str = "default") -> Record:
        source = {"repoURL": repo, "path": "."}
        destination = {"server": "https://kubernetes.default.svc"}
        compared = {"source": source, "destination": destination}
        body: dict[str, Any] = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": "argocd", "annotations": {ANNOTATION: on} if on else {}},
            "spec": {"project": project, "source": source, "destination": destination},
            "status": {"sync": {"status": "Synced", "revision": "c1", "comparedTo": compared}},
        }
        record = self.book.open(decode_application(json.dumps(body).encode()))
        self.followers.note(record)
        self.dependencies.noted(record)
        return record

    def waits(self, record: Record, revision: str = "c2") -> str:
        found = self.dependencies.found(record, (revision,))
        self.dependencies.waits(record.id, is_so=bool(found.text))
        return found.text

    def gone(self, name: str) -> None:
        self.book.close(AppId("argocd", name))
        self.dependencies.gone(AppId("argocd", name))


def test_who_may_not_depend_on_another_makes_no_circle_with_it_and_takes_no_order_away() -> None:
    world = World()
    web = world.app("web", "database")
    world.app("database", "theirs", project="default")
    theirs = world.app("theirs", "web", project="theirs")
    assert "database" in world.waits(web)
    assert "does not let others" in world.waits(theirs)
    world.app("theirs", "web")
    assert world.waits(web) == ""


def test_more_known_of_a_ref_wakes_those_whom_a_commit_of_it_is_missing_for() -> None:
    world = World()
    for name, repo in (("database", REPO), ("cache", OTHER)):
        world.app(name, repo=repo)
    web = world.app("web", "database")
    shop = world.app("shop", "cache", repo=OTHER)
    lost = world.app("lost", "nobody")
    for record in (web, shop, lost):
        assert world.waits(record)
    world.woken.clear()
    world.dependencies.moved(identity(REPO), "")
    assert world.woken == ["web"]


def test_a_look_at_an_application_that_is_gone_meanwhile_leaves_nothing_of_it() -> None:
    world = World()
    database, web = world.app("database", "web"), world.app("web", "database")
    assert world.waits(database) == ""
    world.woken.clear()
    world.gone("web")
    assert "database" in world.woken
    world.waits(web)
    assert list(world.dependencies._dependents) == [database.id]
    assert "web" in world.waits(database)
    world.woken.clear()
    world.dependencies.changed(database.id)
    assert world.woken == []


def test_what_stands_in_no_circle_is_found_out_from_there_alone() -> None:
    asked = list[int]()

    def edges(number: int) -> list[int]:
        asked.append(number)
        return [number + 1] if number % 10 else []

    assert circle_of(10_001, edges) == ()
    assert asked == list(range(10_001, 10_011))
