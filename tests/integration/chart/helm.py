"""Helm itself, as a release's operator runs it."""

import asyncio
import os
from pathlib import Path

import msgspec

from fairlead.local.builds import GoModule, built
from fairlead.local.launcher import tied

ROOT = Path(__file__).parents[3]
CHART = ROOT / "charts" / "fairlead"
PROGRAM = GoModule(
    name="helm",
    folder="deploy/local/helm",
    package="helm.sh/helm/v4/cmd/helm",
    expectation="about two minutes",
)
SECONDS = 300.0


class HelmError(Exception):
    """Helm refused; the text is its own."""


class Helm(msgspec.Struct, frozen=True, kw_only=True):
    """Runs the command against one cluster and namespace, with a home of its own."""

    program: Path
    kubeconfig: Path
    namespace: str
    folder: Path

    @classmethod
    async def against(cls, kubeconfig: Path, namespace: str, folder: Path) -> "Helm":
        """Helm, which is built when it never was."""
        return cls(program=await built(PROGRAM), kubeconfig=kubeconfig, namespace=namespace, folder=folder)

    async def __call__(self, *arguments: str, values: object = None) -> str:
        """What a command prints. Raises HelmError."""
        flags = [f"--namespace={self.namespace}"]
        if values is not None:
            flags += ["--values", "-"]
        child = await asyncio.create_subprocess_exec(
            *tied([self.program, *arguments, *flags]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.folder)},
        )
        given = b"" if values is None else msgspec.json.encode(values)
        async with asyncio.timeout(SECONDS):
            output, errors = await child.communicate(given)
        if child.returncode != 0:
            raise HelmError(errors.decode())
        return output.decode()
