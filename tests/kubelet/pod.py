"""One pod: its init containers one after the other, then its containers, started again when they end."""

import asyncio
import contextlib
import os
import re
import signal
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import IO, Any

import aiohttp

from fairlead.local.launcher import tied
from fairlead.local.ports import LOOPBACK, is_listening
from tests.kubelet.images import image
from tests.kubelet.rewrite import Rewriter
from tests.kubelet.volumes import Sources, fill, has_token

PROBE = 0.1
AGAIN = 0.5
"""Seconds until a container that ended is started again."""
TOO_MANY = 3
"""Ends of a pod's containers after which nobody waits for it."""

Object = dict[str, Any]


class PodError(Exception):
    """A pod did what a cluster would call an error; the text says which and shows its log."""


class Pod:
    """Runs what a pod's spec says. `kubeconfig` makes the identity of a service account real."""

    def __init__(
        self,
        name: str,
        spec: Object,
        *,
        rewriter: Rewriter,
        folder: Path,
        path: str,
        sources: Sources,
        kubeconfig: Callable[[str], Awaitable[Path]],
    ) -> None:
        self.name = name
        self.spec = spec
        self.rewriter = rewriter
        self.restarts = 0
        self._fields = {
            "metadata.name": f"{name}-0",
            "metadata.namespace": rewriter.namespace,
            "metadata.uid": str(uuid.uuid4()),
        }
        self._folder = folder
        self._path = path
        self._sources = sources
        self._kubeconfig = kubeconfig
        self._children: dict[str, asyncio.subprocess.Process] = {}
        self._environments: dict[str, dict[str, str]] = {}
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to run it."""
        self.rewriter.mounts |= {
            mount["mountPath"]: self._folder / "volumes" / mount["name"]
            for container in (*self.spec.get("initContainers", ()), *self.spec["containers"])
            for mount in container.get("volumeMounts", ())
        }
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when the grace period is over; that is an error, as a drain would show it."""
        self._stopping = True
        killed = [name for name, child in self._children.items() if not await self._end(child)]
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if killed:
            raise PodError(f"{self.name}: {killed} did not end within their grace period\n{self.logs()}")

    async def until_ready(self) -> None:
        """Return when every container's probes succeed; raises PodError when the pod failed."""
        for container in self.spec["containers"]:
            for probe in ("startupProbe", "readinessProbe"):
                while not await self.succeeds(container, container[probe]):
                    self.check()
                    await asyncio.sleep(PROBE)

    def check(self) -> None:
        """Raise PodError when what runs it has failed, or its containers end again and again."""
        if self.restarts > TOO_MANY:
            raise PodError(f"{self.name} ended {self.restarts} times\n{self.logs()}")
        if self._task is not None and self._task.done() and not self._task.cancelled():
            error = self._task.exception()
            if error is not None:
                raise PodError(f"{self.name}: {error}\n{self.logs()}") from error

    def logs(self) -> str:
        """The ends of the logs of its containers."""
        files = sorted(self._folder.glob("*.log"))
        return "\n".join(f"--- {file.stem}\n{file.read_text(errors='replace')[-3000:]}" for file in files)

    async def _run(self) -> None:
        for volume in self.spec.get("volumes", ()):
            folder = self._folder / "volumes" / volume["name"]
            await fill(volume, folder, self._sources, self.rewriter.text)
        for container in self.spec.get("initContainers", ()):
            code = await self._once(container)
            if code != 0:
                raise PodError(f"init container {container['name']} ended with {code}")
        await asyncio.gather(*(self._forever(container) for container in self.spec["containers"]))

    async def _forever(self, container: Object) -> None:
        while not self._stopping:
            await self._once(container)
            if not self._stopping:
                self.restarts += 1
                await asyncio.sleep(AGAIN)

    async def _once(self, container: Object) -> int:
        own = image(container["image"])
        environment = await self._environment(container, own.environment)
        command = container.get("command") or list(own.entrypoint)
        argv = [self.rewriter.text(word) for word in (*command, *container.get("args", ()))]
        with (self._folder / f"{container['name']}.log").open("ab") as output:
            child = await self._spawn(argv, environment, output)
            self._children[container["name"]] = child
            self._environments[container["name"]] = environment
            return await child.wait()

    async def _spawn(
        self, argv: list[str], environment: Mapping[str, str], output: IO[bytes] | int
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *tied(["/usr/bin/env", *argv]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=self._folder,
        )

    async def _environment(self, container: Object, of_image: Mapping[str, str]) -> dict[str, str]:
        found = {"PATH": self._path, "HOME": str(self._folder)}
        for key, value in of_image.items():
            found[key] = self.rewriter.text(value)
        for entry in container.get("env", ()):
            found[entry["name"]] = await self._value(entry, found)
        if self._is_known(container):
            file = await self._kubeconfig(self.spec.get("serviceAccountName", "default"))
            found["FAIRLEAD_KUBECONFIG"] = str(file)
        return found

    async def _value(self, entry: Object, known: Mapping[str, str]) -> str:
        source = entry.get("valueFrom")
        if source is None:
            text = re.sub(r"\$\((\w+)\)", lambda each: known.get(each[1], each[0]), entry.get("value", ""))
            return self.rewriter.text(text)
        if "secretKeyRef" in source:
            return await self._sources.entry(source["secretKeyRef"]["name"], source["secretKeyRef"]["key"])
        field = source.get("fieldRef", {}).get("fieldPath")
        if field in self._fields:
            return self._fields[field]
        raise ValueError(f"{entry['name']}: {source} is of no kind that is known here")

    def _is_known(self, container: Object) -> bool:
        """Whether the container has a token: mounted by itself, or by a volume that holds one."""
        if self.spec.get("automountServiceAccountToken", True):
            return True
        volumes = {volume["name"] for volume in self.spec.get("volumes", ()) if has_token(volume)}
        return any(mount["name"] in volumes for mount in container.get("volumeMounts", ()))

    async def succeeds(self, container: Object, probe: Object) -> bool:
        """Whether a probe of a container succeeds now."""
        child = self._children.get(container["name"])
        if child is None or child.returncode is not None:
            return False
        if "exec" in probe:
            argv = [self.rewriter.text(word) for word in probe["exec"]["command"]]
            asked = await self._spawn(argv, self._environments[container["name"]], asyncio.subprocess.DEVNULL)
            return await asked.wait() == 0
        where = probe.get("httpGet") or probe["tcpSocket"]
        port = self._port(container, where["port"])
        return await (_answers(port, where["path"]) if "httpGet" in probe else is_listening(port))

    def _port(self, container: Object, named: str | int) -> int:
        numbers = {entry["name"]: entry["containerPort"] for entry in container.get("ports", ())}
        return self.rewriter.port(numbers.get(str(named), named))

    async def _end(self, child: asyncio.subprocess.Process) -> bool:
        if child.returncode is None:
            _signal(child, signal.SIGTERM)
            try:
                async with asyncio.timeout(self.spec.get("terminationGracePeriodSeconds", 30)):
                    await child.wait()
            except TimeoutError:
                _signal(child, signal.SIGKILL)
                await child.wait()
                return False
        return True


def _signal(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


async def _answers(port: int, path: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://{LOOPBACK}:{port}{path}") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
