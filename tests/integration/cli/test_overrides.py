"""What settings make of one object: their Lua, run in the engine itself."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
import yaml

from fairlead.local.builds import render_engine_binary

SETTINGS = {
    "resource.customizations.health.shop.example_Till": "return {status='Degraded', message=obj.spec.why}",
    "resource.customizations.actions.shop.example_Till": """
discovery.lua: |
  return {close = {disabled = true}, open = {}}
definitions:
- name: open
  action.lua: |
    obj.spec.open = actionParams.drawer
    return obj
- name: copy
  action.lua: |
    local made = {apiVersion = 'v1', kind = 'ConfigMap', metadata = {name = 'copy'}}
    return {{operation = 'create', resource = made}}
- name: nothing
  action.lua: return obj
- name: wrong
  action.lua: return 5
""",
    "resource.customizations.ignoreDifferences.shop.example_Till": "jsonPointers: [/spec/why]",
}
TILL = {
    "apiVersion": "shop.example/v1",
    "kind": "Till",
    "metadata": {"name": "one"},
    "spec": {"why": "empty"},
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm"}, "data": SETTINGS}
    (tmp_path / "cm.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "till.yaml").write_text(yaml.safe_dump(TILL))
    (tmp_path / "map.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}")
    return tmp_path


async def overrides(folder: Path, *words: str) -> tuple[int | None, str, str]:
    verb, file, *more = words
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fairlead.cli", "admin", "settings", "resource-overrides", verb),
        *(str(folder / f"{file}.yaml"), *more, "--argocd-cm-path", str(folder / "cm.yaml")),
        env={**os.environ, "FAIRLEAD_RENDER_ENGINE": str(await asyncio.to_thread(render_engine_binary))},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(180):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["health", "till"], "STATUS: Degraded\nMESSAGE: empty\n"),
        (["health", "map"], "Health script is not configured for '/ConfigMap'\n"),
        (["list-actions", "till"], "NAME   DISABLED\nclose  true\nopen   false\n"),
        (["list-actions", "map"], "Actions are not configured for '/ConfigMap'\n"),
        (["run-action", "till", "nothing"], "No fields had been changed by action: \nnothing\n"),
        (
            ["run-action", "till", "open", "--param", "drawer=2"],
            'Following fields have been changed:\n\n5a6\n>   open: "2"\n',
        ),
        (
            ["action", "till", "copy"],
            "Following resource was created:\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: copy\n\n",
        ),
        (
            ["ignore-differences", "till"],
            "Following fields are ignored:\n\n5,6c5\n< spec:\n<   why: empty\n---\n> spec: {}\n",
        ),
        (["ignore-resource-updates", "map"], "Ignore resource updates are not configured for '/ConfigMap'\n"),
    ],
)
async def test_settings_are_tried_on_an_object(files: Path, words: list[str], expected: str) -> None:
    code, out, err = await overrides(files, *words)
    assert (code, out) == (0, expected), err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run-action", "till", "wrong"], "the action returned no object"),
        (
            ["run-action", "till", "none"],
            "have no action none for 'shop.example/Till'; there are: copy, nothing",
        ),
    ],
)
async def test_an_action_that_does_not_work_is_told(files: Path, words: list[str], expected: str) -> None:
    code, out, err = await overrides(files, *words)
    assert (code, out) == (20, "")
    assert expected in err
