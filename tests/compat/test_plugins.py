"""The stock plugin server, which is the stock `argocd` by another name, asked by our client."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
import yaml

from fairlead.git import GitProgram
from fairlead.repo_server.plugins.errors import PluginFailedError
from fairlead.repo_server.plugins.parcel import Kind, Parcels
from fairlead.repo_server.plugins.sidecar import Sidecar, Work
from tests.compat.binary import found, why_not
from tests.integration.repo_server.hostile_trees import Bare
from tests.integration.repo_server.sidecars import plugin

NAME = "argocd-cmp-server"


@pytest.mark.skipif(found() is None, reason=why_not() or "there is one")
async def test_the_stock_plugin_server_understands_our_questions_and_we_its_answers(tmp_path: Path) -> None:
    program = found()
    assert program is not None
    (tmp_path / "home").mkdir()
    (tmp_path / "config").mkdir()
    said = plugin("stock", "cat a.yaml; test -x run && echo 'b: 2'", discover={"fileName": "a.yaml"})
    said["spec"]["preserveFileMode"] = True
    (tmp_path / "config/plugin.yaml").write_text(yaml.safe_dump(said))
    server = tmp_path / NAME
    server.symlink_to(program)
    socket = tmp_path / "stock.sock"
    own = {"ARGOCD_BINARY_NAME": NAME, "ARGOCD_PLUGINSOCKFILEPATH": str(tmp_path), "HOME": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            server,
            f"--config-dir-path={tmp_path / 'config'}",
            env={"PATH": os.environ["PATH"], "ARGOCD_CMP_WORKDIR": str(tmp_path / "work"), **own},
            stdout=log,
            stderr=log,
        )
    parcels = Parcels(tmp_path / "scratch", GitProgram(home=tmp_path / "home"))
    try:
        async with asyncio.timeout(60):
            while not socket.exists():
                assert process.returncode is None, (tmp_path / "log").read_text()
                await asyncio.sleep(0.05)
        bare = Bare(tmp_path / "bare.git")
        commit = bare.of({"app/a.yaml": "a: 1\n", "app/run": "x", "other/b": ""}, executable="app/run")
        sidecar = Sidecar("stock", socket)
        assert (await sidecar.configuration()).is_discovery_configured
        async with parcels.of(Kind(bare.path, commit)) as parcel:
            here = Work(parcel=parcel, path="app", environment={"ARGOCD_APP_NAME": "web"})
            elsewhere = Work(parcel=parcel, path="other", environment={})
            assert (await sidecar.matches(here, 60.0)).is_supported
            assert not (await sidecar.matches(elsewhere, 60.0)).is_supported
            printed = [yaml.safe_load(text) for text in await sidecar.generate(here, 60.0)]
            assert {key: value for one in printed for key, value in one.items()} == {"a": 1, "b": 2}
            with pytest.raises(PluginFailedError, match=r"error generating manifests: .* failed exit status"):
                await sidecar.generate(elsewhere, 60.0)
    finally:
        parcels.close()
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
