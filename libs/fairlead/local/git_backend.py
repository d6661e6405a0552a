"""One request to `git http-backend`.

Why: clients must meet git's own server, with every version of its protocol, not an imitation. Invariant: the
process is gone when the request is, whoever gave up first.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from fairlead.local.errors import ToolMissingError
from fairlead.local.git_command import git_environment, run_git

READ_BYTES = 64 * 1024
HEADER_BYTES = 16 * 1024
MAX_BODY_BYTES = 1024**3
REQUEST_SECONDS = 300
PASSED_HEADERS = {"Content-Type": "CONTENT_TYPE", "Content-Encoding": "HTTP_CONTENT_ENCODING"}


async def find_backend() -> Path:
    """Where `git http-backend` is; run directly it saves a process. Raises ToolMissingError."""
    program = Path(await run_git("--exec-path", folder=Path.cwd())) / "git-http-backend"
    if not program.exists():
        raise ToolMissingError(f"{program} is missing: install the whole of git")
    return program


async def answer(
    request: web.Request, *, program: Path, root: Path, path: str, user: str, body: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Run the backend for one request and stream both ways; `path` is inside `root`."""
    child = await asyncio.create_subprocess_exec(
        program,
        env=_cgi_environment(request, root, path, user),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=READ_BYTES,
    )
    try:
        async with asyncio.timeout(REQUEST_SECONDS), asyncio.TaskGroup() as tasks:
            tasks.create_task(_feed(child, body))
            response = await _relay(request, child)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
    return response


def _cgi_environment(request: web.Request, root: Path, path: str, user: str) -> dict[str, str]:
    env = git_environment() | {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": request.method,
        "PATH_INFO": path,
        "QUERY_STRING": request.query_string,
        "REMOTE_ADDR": request.remote or "",
        "REMOTE_USER": user,
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    for header, variable in PASSED_HEADERS.items():
        env[variable] = request.headers.get(header, "")
    if request.content_length is not None:
        env["CONTENT_LENGTH"] = str(request.content_length)
    return env


async def _feed(child: asyncio.subprocess.Process, body: AsyncIterator[bytes]) -> None:
    if child.stdin is None:
        return
    total = 0
    try:
        async for chunk in body:
            total += len(chunk)
            if total > MAX_BODY_BYTES:
                break
            child.stdin.write(chunk)
            await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):  # it has answered without reading all
        return
    finally:
        child.stdin.close()


async def _relay(request: web.Request, child: asyncio.subprocess.Process) -> web.StreamResponse:
    if child.stdout is None:
        return web.Response(status=500)
    response = _response(await _read_headers(child.stdout))
    await response.prepare(request)
    while chunk := await child.stdout.read(READ_BYTES):
        await response.write(chunk)
    await child.wait()
    return response


async def _read_headers(output: asyncio.StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    size = 0
    while line := (await output.readline()).strip():
        size += len(line)
        if size > HEADER_BYTES:
            break
        name, _, value = line.decode("latin-1").partition(":")
        headers[name] = value.strip()
    return headers


def _response(headers: dict[str, str]) -> web.StreamResponse:
    status = re.match(r"\d+", headers.pop("Status", "200"))
    return web.StreamResponse(status=int(status[0]) if status else 500, headers=headers)
