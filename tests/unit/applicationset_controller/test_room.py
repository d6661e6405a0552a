"""No template and no parameters make the fast mode slow, or the controller large."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from fairlead.applicationset_controller.templating import application, fill
from fairlead.applicationset_controller.templating.fast import FastTemplates
from fairlead.applicationset_controller.templating.fill import TemplateError


async def test_what_is_never_closed_is_no_place_and_is_not_looked_for_again_and_again() -> None:
    unclosed = "{{" * 200_000
    assert await FastTemplates().fill([unclosed], [{"a": "b"}]) == [[unclosed]]
    assert await FastTemplates().fill(f"{{{{ a }}}}{unclosed}", [{"a": "b"}]) == [f"b{unclosed}"]


async def test_a_text_that_would_stand_in_a_template_too_often_is_refused_before_it_is_made() -> None:
    with pytest.raises(TemplateError, match=r"one set of parameters makes .* longer than 4 MiB") as raised:
        await FastTemplates().fill({"x": "{{a}}" * 1000}, [{"a": "x"}, {"a": "x" * 10_000}])
    assert raised.value.place == 1


async def test_a_large_patch_is_read_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    made = application._made

    def seen(filled: Any, params: Any) -> application.Made:
        threads.append(threading.get_ident())
        return made(filled, params)

    monkeypatch.setattr(application, "_made", seen)
    template = {"metadata": {"name": "{{name}}"}, "spec": {}}
    patch = 'metadata: {annotations: {a: "{{text}}"}}'
    sets = [{"name": "small", "text": "x"}, {"name": "large", "text": "x" * application.LARGE}]
    found = await application.applications(template, patch, sets, FastTemplates())
    assert [one.application["metadata"]["name"] for one in found] == ["small", "large"]
    here = threading.get_ident()
    assert [thread == here for thread in threads] == [True, False]


async def test_all_that_one_generation_makes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "MOST_OF_ALL", 1000)
    templates = FastTemplates()
    assert len(await templates.fill("{{a}}", [{"a": "x" * 100}] * 6)) == 6
    with pytest.raises(TemplateError, match="all sets of parameters make"):
        await templates.fill("{{a}}", [{"a": "x" * 100}] * 6)
