"""The picture of a badge: its texts, its colours, its size, and nothing that runs."""

from xml.etree import ElementTree

import pytest

from fairlead.api_server.badge import NOT_FOUND, State, of_applications, picture
from fairlead.api_server.documents import ApplicationDocument


def document(sync: str, health: str) -> ApplicationDocument:
    return ApplicationDocument(
        name="a",
        namespace="n",
        uid="",
        resource_version="1",
        labels={},
        annotations={},
        project="p",
        repositories=frozenset(),
        has_tree_health=False,
        sync_status=sync,
        health=health,
        json=b"{}",
    )


def texts(svg: str) -> list[str]:
    whole = ElementTree.fromstring(svg)  # noqa: S314 - our own
    return [found.text or "" for found in whole.iter("{http://www.w3.org/2000/svg}text")]


def test_health_and_sync_are_told_in_the_colours_of_the_contract() -> None:
    svg = picture(State(health="Degraded", sync="OutOfSync"))
    assert texts(svg) == ["Degraded", "OutOfSync"]
    assert "rgb(167, 46, 38)" in svg
    assert "rgb(189, 115, 0)" in svg
    assert 'width="131"' in svg


@pytest.mark.parametrize(("revision", "width"), [("", 131), ("abcdef1", 192), ("a" * 40, 400)])
def test_a_revision_makes_it_wider(revision: str, width: int) -> None:
    assert f'width="{width}"' in picture(State(), revision=revision)


def test_a_name_is_text_whatever_it_is() -> None:
    svg = picture(State(), name="<script>alert(1)</script>", width=77)
    assert texts(svg)[-1] == "<script>alert(1)</script>"
    assert "<script" not in svg
    assert 'width="77"' in svg


@pytest.mark.parametrize(
    ("states", "health", "sync"),
    [
        ([], NOT_FOUND, ""),
        ([("Synced", "Healthy")], "Healthy", "Synced"),
        ([("Synced", "Healthy"), ("OutOfSync", "Healthy")], "Healthy", "OutOfSync"),
        ([("Synced", "Healthy"), ("Synced", "Progressing")], "Degraded", "Synced"),
    ],
)
def test_several_applications_do_as_the_worst_of_them(
    states: list[tuple[str, str]], health: str, sync: str
) -> None:
    found = of_applications(document(*state) for state in states)
    assert (found.health, found.sync) == (health, sync)
