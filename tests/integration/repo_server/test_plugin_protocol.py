"""The protocol with another implementation of gRPC at the other end, both ways: grpcio and protobuf, as the
original's ends do it."""

import asyncio
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest

from fairlead.git import GitProgram
from fairlead.plugin import protocol
from fairlead.repo_server.plugins.errors import PluginAwayError, PluginFailedError
from fairlead.repo_server.plugins.parcel import Kind, Parcels
from fairlead.repo_server.plugins.sidecar import Sidecar, Work
from tests.integration.repo_server.hostile_trees import Bare
from tests.integration.repo_server.sidecars import plugin, sidecars
from tests.wire_messages import kind as message_class

SERVICE = "plugin.ConfigManagementPluginService"
REQUEST = message_class("plugin.AppStreamRequest")
CHECKED = message_class("plugin.CheckPluginConfigurationResponse")
MATCHED = message_class("plugin.RepositoryResponse")
GENERATED = message_class("plugin.ManifestResponse")
ANNOUNCED = message_class("plugin.ParametersAnnouncementResponse")
EMPTY = message_class("google.protobuf.Empty")


class Original(grpc.GenericRpcHandler):
    """Answers as argocd-cmp-server does, and remembers what it was sent."""

    def __init__(self) -> None:
        self.metadata: Any = None
        self.files: dict[str, tuple[int, bytes]] = {}
        self.links: dict[str, str] = {}
        self.sizes: list[int] = []

    def service(self, details: Any) -> Any:
        name = details.method.rpartition("/")[2]
        if name == "CheckPluginConfiguration":
            return grpc.unary_unary_rpc_method_handler(
                lambda *_: CHECKED(isDiscoveryConfigured=True, provideGitCreds=True),
                request_deserializer=EMPTY.FromString,
                response_serializer=lambda one: one.SerializeToString(),
            )
        answers = {
            "MatchRepository": lambda: MATCHED(isSupported=True, isDiscoveryEnabled=True),
            "GenerateManifest": lambda: GENERATED(manifests=["a: 1", "b: 2"]),
        }

        def answer(requests: Iterator[Any], context: Any) -> Any:
            self._receive(requests)
            if name not in answers:
                context.abort(grpc.StatusCode.UNKNOWN, "error generating manifests: " + "x" * 100_000)
            return answers[name]()

        return grpc.stream_unary_rpc_method_handler(
            answer,
            request_deserializer=REQUEST.FromString,
            response_serializer=lambda one: one.SerializeToString(),
        )

    def _receive(self, requests: Iterator[Any]) -> None:
        self.metadata = next(requests).metadata
        body = b""
        for request in requests:
            self.sizes.append(len(request.file.chunk))
            body += request.file.chunk
        assert hashlib.sha256(body).hexdigest() == self.metadata.checksum
        assert len(body) == self.metadata.size
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            for member in archive:
                if member.isfile():
                    content = archive.extractfile(member)
                    assert content is not None
                    self.files[member.name] = (member.mode, content.read())
                elif member.issym():
                    self.links[member.name] = member.linkname


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="fairlead-cmp-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


async def test_our_questions_are_understood_by_the_original_and_its_answers_by_us(folder: Path) -> None:
    (folder / "home").mkdir()
    bare = Bare(folder / "bare.git")
    files: dict[str, str | bytes] = {
        "app/a.yaml": "a",
        "app/run": "x",
        "b": os.urandom(300_000),
        "c/x.tmp": "",
    }
    commit = bare.of(files, {"app/link": "../b"}, executable="app/run")
    parcels = Parcels(folder / "scratch", GitProgram(home=folder / "home"))
    original = Original()
    server = grpc.server(futures.ThreadPoolExecutor(2), handlers=(original,))
    server.add_insecure_port(f"unix://{folder}/original.sock")
    server.start()
    try:
        sidecar = Sidecar("original", folder / "original.sock")
        configuration = await sidecar.configuration()
        assert (configuration.is_discovery_configured, configuration.provide_git_creds) == (True, True)
        async with parcels.of(Kind(bare.path, commit, "", ("*/*.tmp",))) as parcel:
            work = Work(parcel=parcel, path="app", environment={"A": "1", "B": ""})
            assert (await sidecar.matches(work, 60.0)).is_supported
            assert await sidecar.generate(work, 60.0) == ["a: 1", "b: 2"]
            with pytest.raises(PluginFailedError, match="rpc error: code = Unknown desc = error generating"):
                await sidecar.announcements(work, 60.0)
        assert original.files["app/run"] == (0o755, b"x")
        assert original.files["b"] == (0o644, files["b"])
        assert "c/x.tmp" not in original.files
        assert original.links == {"app/link": "../b"}
        assert original.metadata.appName == "app"
        assert original.metadata.appRelPath == "app"
        assert {entry.name: entry.value for entry in original.metadata.env} == {"A": "1", "B": ""}
        assert set(original.sizes[:100]) == {protocol.CHUNK}
        async with parcels.of(Kind(bare.path, commit, "app")) as parcel:
            work = Work(parcel=parcel, path="", environment={})
            await sidecar.generate(work, 60.0)
        assert original.metadata.appRelPath == "."
    finally:
        server.stop(None).wait()
        parcels.close()
    with pytest.raises(PluginAwayError, match="plugin original cannot be reached"):
        await sidecar.configuration()


def archive(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    into = io.BytesIO()
    with gzip.GzipFile(fileobj=into, mode="wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for member, body in members:
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return into.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, target, mode
    return made


def requests(body: bytes, path: str = ".", checksum: str = "", size: int = protocol.CHUNK) -> list[Any]:
    first = REQUEST()
    first.metadata.appName = "web"
    first.metadata.appRelPath = path
    first.metadata.checksum = checksum or hashlib.sha256(body).hexdigest()
    first.metadata.size = len(body)
    first.metadata.env.add(name="ARGOCD_APP_NAME", value="web")
    first.metadata.env.add(name="BAD=NAME", value="x")
    found = [first]
    for at in range(0, len(body), size):
        piece = REQUEST()
        piece.file.chunk = body[at : at + size]
        found.append(piece)
    return found


class Client:
    """Asks as Argo CD's repo-server does."""

    def __init__(self, socket: Path) -> None:
        self._channel = grpc.insecure_channel(f"unix://{socket}")

    async def ask(self, name: str, answer: Any, given: list[Any], seconds: float = 60.0) -> Any:
        call = self._channel.stream_unary(
            f"/{SERVICE}/{name}",
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        return await asyncio.to_thread(call, iter(given), timeout=seconds)

    async def check(self) -> Any:
        call = self._channel.unary_unary(
            f"/{SERVICE}/CheckPluginConfiguration",
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=CHECKED.FromString,
        )
        return await asyncio.to_thread(call, EMPTY(), timeout=60)

    def close(self) -> None:
        self._channel.close()


async def test_our_server_answers_the_originals_questions(folder: Path) -> None:
    said = plugin(
        "own",
        'echo "app: $ARGOCD_APP_NAME"; echo "home: $HOME" >&2; cat a.yaml; env | sort >&2; exit $(cat code)',
        version="v2",
        discover={"fileName": "a.yaml"},
        parameters={
            "static": [
                {
                    "name": "size",
                    "title": "Size",
                    "required": True,
                    "collectionType": "map",
                    "map": {"a": "b"},
                }
            ],
            "dynamic": {"command": ["cat", "announced.json"]},
        },
        provideGitCreds=True,
    )
    announced = b'[{"name": "found", "array": ["x"]}]'

    def files(code: bytes = b"0", path: str = "") -> bytes:
        return archive(
            [
                (member(f"{path}a.yaml"), b"a: 1\n"),
                (member(f"{path}code"), code),
                (member(f"{path}announced.json"), announced),
                (member("link", tarfile.SYMTYPE, "code"), b""),
            ]
        )

    async with sidecars(folder, folder / "sockets", said) as (server,):
        assert server.socket.name == "own-v2.sock"
        client = Client(server.socket)
        try:
            checked = await client.check()
            assert (checked.isDiscoveryConfigured, checked.provideGitCreds) == (True, True)
            found = await client.ask("GenerateManifest", GENERATED, requests(files()))
            assert list(found.manifests) == ["app: web\na: 1"]
            found = await client.ask(
                "GenerateManifest", GENERATED, requests(files(path="in/"), "in", size=100_000)
            )
            assert list(found.manifests) == ["app: web\na: 1"]
            matched = await client.ask("MatchRepository", MATCHED, requests(files()))
            assert (matched.isSupported, matched.isDiscoveryEnabled) == (True, True)
            matched = await client.ask("MatchRepository", MATCHED, requests(files(path="in/")))
            assert (matched.isSupported, matched.isDiscoveryEnabled) == (False, True)
            told = await client.ask("GetParametersAnnouncement", ANNOUNCED, requests(files()))
            [dynamic, static] = told.parameterAnnouncements
            assert (dynamic.name, list(dynamic.array)) == ("found", ["x"])
            assert (static.title, static.required, static.map[0].value) == ("Size", True, "b")
            with pytest.raises(grpc.RpcError) as caught:
                await client.ask("GenerateManifest", GENERATED, requests(files(b"7")))
            assert caught.value.code() is grpc.StatusCode.UNKNOWN
            words = caught.value.details()
            assert words.startswith("error generating manifests: `sh -c echo ")
            assert "failed exit status 7: home: " in words
            assert {line.split("=")[0] for line in words.splitlines()[1:]} <= {
                "ARGOCD_APP_NAME",
                "HOME",
                "LANG",
                "LC_ALL",
                "OLDPWD",
                "PATH",
                "PWD",
                "SHLVL",
                "SSL_CERT_DIR",
                "SSL_CERT_FILE",
                "TMPDIR",
                "TZ",
                "_",
            }
            assert server.left() == []
        finally:
            client.close()


OUTSIDE = {
    "a name that goes up": ([(member("../x"), b"x")], "illegal file path in tar"),
    "an absolute name": ([(member("/tmp/x"), b"x")], "illegal file path in tar"),
    "a link out": ([(member("l", tarfile.SYMTYPE, "/etc"), b"")], "illegal filepath in symlink: l"),
    "a link up": ([(member("a/l", tarfile.SYMTYPE, "../../x"), b"")], "illegal filepath in symlink: a/l"),
    "through a link": (
        [(member("l", tarfile.SYMTYPE, "d"), b""), (member("d/l", tarfile.SYMTYPE, "../.."), b"")],
        "illegal filepath in symlink",
    ),
    "a device": ([(member("dev", tarfile.CHRTYPE), b"")], "neither a file, a folder nor a link"),
    "a hard link": (
        [(member("h", tarfile.LNKTYPE, "/etc/passwd"), b"")],
        "neither a file, a folder nor a link",
    ),
    "the same twice": ([(member("a"), b"1"), (member("a"), b"2")], "error decompressing tgz file"),
}


async def test_an_archive_that_leads_out_is_refused_and_leaves_nothing(folder: Path) -> None:
    async with sidecars(folder, folder / "sockets", plugin("own", "echo a: 1")) as (server,):
        client = Client(server.socket)
        try:
            for members, words in OUTSIDE.values():
                with pytest.raises(grpc.RpcError) as caught:
                    await client.ask("GenerateManifest", GENERATED, requests(archive(members)))
                assert words in caught.value.details()
                assert caught.value.details().startswith("generate manifest error receiving stream: ")
            good = archive([(member("a"), b"")])
            bad: list[tuple[list[Any], str]] = [
                (requests(b"no archive at all"), "error decompressing tgz file"),
                (requests(good[:-20]), "error decompressing tgz file"),
                (requests(good, checksum="0" * 64), "file checksum validation error"),
                (requests(good)[1:], "metadata is nil"),
                ([], "metadata is nil"),
                ([*requests(good), REQUEST()], "stream request file is nil"),
                (requests(good, path="../.."), "illegal appPath: out of workDir bound"),
                (requests(good, path="/etc"), "illegal appPath: out of workDir bound"),
                (requests(good, path="no/such"), "No such file or directory"),
            ]
            for given, words in bad:
                with pytest.raises(grpc.RpcError) as caught:
                    await client.ask("GenerateManifest", GENERATED, given)
                assert words in caught.value.details()
            assert (await client.ask("GenerateManifest", GENERATED, requests(good))).manifests == ["a: 1"]
            assert server.left() == []
        finally:
            client.close()
    assert not (folder / "x").exists()


async def test_a_server_that_starts_again_takes_its_place_and_sweeps_what_was_left(folder: Path) -> None:
    async with sidecars(folder, folder / "sockets", plugin("own", "echo a: 1")) as (server,):
        assert server.process is not None
        (server.work / "left").mkdir()
        server.process.kill()
        await server.process.wait()
        assert server.socket.exists(), "a killed one leaves its socket"
        inode = server.socket.stat().st_ino
        server.socket.rename(server.socket.with_suffix(".old"))
        server.socket.with_suffix(".old").rename(server.socket)
        server.socket.unlink()
        await server.start()
        assert server.left() == []
        assert inode
        client = Client(server.socket)
        try:
            assert not (await client.check()).isDiscoveryConfigured
        finally:
            client.close()
    assert not server.socket.exists()
