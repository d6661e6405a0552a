"""The OpenAPI document, played by schemathesis: no fault of ours, nothing without end, nobody held up.

Bounded in time and with a fixed seed; FAIRLEAD_FUZZ_SECONDS=600 plays for longer, FAIRLEAD_FUZZ_SEED
otherwise.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable

from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.rest.openapi import document
from fairlead.bus import Bus
from fairlead.events import encode, subjects
from fairlead.kube.rest import KubeClient
from fairlead.rpc.sets import GENERATE, GeneratedApplications
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application
from tests.integration.api_server.test_floods import ATTEMPTS, HELD
from tests.integration.api_server.test_grpc_noise import others
from tests.lag import Lag

__all__ = ["others"]
SECONDS = float(os.environ.get("FAIRLEAD_FUZZ_SECONDS", "40"))
SEED = int(os.environ.get("FAIRLEAD_FUZZ_SEED", "1"))
FEWEST = 10
"""Cases that are played on the slowest machine, too."""
CASES = max(2, int(SECONDS / 10))
"""Of each operation and mode."""
PATIENCE = 90.0
DOT = "__"
PLACE = re.compile(r"\{[^{}]+\}")
MAX_ANSWER = 32 << 20
FAULTS = {500, 502, 503, 504}
"""What is no caller's mistake; 501 says that something is not served."""
IN_WORDS = '"code":2,'
"""A refusal in the contract's words that has no code of its own, which the stock server answers with 500."""
LEFT_OUT = {
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/session"),
    ("PUT", "/api/v1/account/password"),
}
"""The end of our own session, and guesses at a password, which are counted."""
KNOWN = {
    "name": "played",
    "applicationName": "played",
    "application__metadata__name": "played",
    "id__value": "https://kubernetes.default.svc",
    "project__metadata__name": "default",
}
"""What stands in a path half of the time, so that something is found there."""


def operations() -> Iterator[Any]:
    """Every operation of the document. Raises AssertionError for one that is no OpenAPI."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(without_dots(msgspec.json.decode(document())))
    for found in schema.get_all_operations():
        assert hasattr(found, "ok"), found.err()
        one = found.ok()
        if (one.method.upper(), one.path) not in LEFT_OUT:
            yield one


def without_dots(said: dict[str, Any]) -> dict[str, Any]:
    """The document with the dots of places in paths, as the stock server's has them, written otherwise: they
    mean something else to who plays it."""
    for one in (one for verbs in said["paths"].values() for one in verbs.values()):
        for parameter in one["parameters"]:
            if parameter["in"] == "path":
                parameter["name"] = parameter["name"].replace(".", DOT)
    paths = {
        PLACE.sub(lambda m: m[0].replace(".", DOT), path): verbs for path, verbs in said["paths"].items()
    }
    return {**said, "paths": paths}


class Player:
    """Plays cases against a server, beside its loop, and looks at how long that was held."""

    def __init__(self, door: Door, lag: Lag) -> None:
        self._door = door
        self._lag = lag
        self._http = requests.Session()
        self.wrong: list[str] = []
        self.played = 0
        self._until = 0.0

    def all(self) -> None:
        """Play all operations until the time is up and a few were played."""
        from schemathesis import GenerationMode

        self._until = time.monotonic() + SECONDS
        found = sorted(operations(), key=lambda one: (len(one.body) > 0, "applicationset" in one.path))
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for one in found:  # large bodies last: they take seconds to be thought of
                if self._goes_on():
                    self._play(one, mode)
        self._http.close()

    def _goes_on(self) -> bool:
        return time.monotonic() < self._until or self.played < FEWEST

    def _play(self, one: Any, mode: Any) -> None:
        @seed(SEED)
        @settings(
            max_examples=CASES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=one.as_strategy(generation_mode=mode))
        def play(case: Any) -> None:
            if self._goes_on():
                self._ask(case)

        try:
            play()
        except Unsatisfiable:
            return  # nothing of this operation can be wrong

    def _ask(self, case: Any) -> None:
        asked = case.as_transport_kwargs(base_url=self._door.url)
        asked["params"] = {key: value for key, value in (asked["params"] or {}).items() if key != "refresh"}
        asked["headers"] = {**asked["headers"], "token": self._door.token}
        if self.played % 2:
            path = case.path
            for place, value in (case.path_parameters or {}).items():
                path = path.replace(
                    f"{{{place}}}", requests.utils.quote(str(KNOWN.get(place, value)), safe="")
                )
            asked["url"] = self._door.url + path
        self.played += 1
        for _ in range(ATTEMPTS):
            self._lag.taken()
            status, size, text = self._answer(asked)
            if (held := self._lag.taken()) < HELD:
                break
        shown = f"{case.method} {asked['url']} {asked.get('json', asked.get('data'))!r:.500}: {status} {text}"
        is_fault = status in FAULTS and not (status == 500 and IN_WORDS in text)
        if is_fault or size > MAX_ANSWER or held >= HELD:
            self.wrong.append(f"{shown} ({held:.3f} s)")

    def _answer(self, asked: dict[str, Any]) -> tuple[int, int, str]:
        is_stream = "/stream/" in asked["url"] or asked["url"].endswith("/logs")
        try:
            with self._http.request(**asked, timeout=PATIENCE, stream=True, allow_redirects=False) as answer:
                if is_stream and answer.status_code == 200:
                    return 200, 0, ""
                body = answer.raw.read(MAX_ANSWER + 1, decode_content=False)
                return answer.status_code, len(body), body[:300].decode(errors="replace")
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return 400, 0, "the client itself refuses it"


@pytest_asyncio.fixture(loop_scope="session")
async def sets(other: Bus) -> AsyncIterator[None]:
    """An applicationset-controller to which every set comes to nothing."""

    async def nothing(_: str, __: bytes) -> bytes:
        return encode(GeneratedApplications(applications=b"[]"))

    serving = await other.serve(subjects.rpc_sets(GENERATE), nothing)
    yield
    await serving.end()


@pytest.mark.usefixtures("others", "sets")
@pytest.mark.filterwarnings("ignore")
async def test_nothing_that_the_document_allows_or_forbids_is_a_fault_of_ours(
    door: Door, kube: KubeClient, scripted: dict[str, Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    await application(kube, "played")
    async with asyncio.timeout(120):
        while (await door.ask("GET", "/api/v1/applications/played"))[0] != 200:
            await asyncio.sleep(0.05)
    async with Lag() as lag:
        player = Player(door, lag)
        await asyncio.to_thread(player.all)
    assert player.played >= FEWEST
    assert player.wrong == [], "\n".join(player.wrong[:20])
    assert "api.operation.failed" not in "".join(capsys.readouterr())
    assert scripted
    if await kube.find(APPLICATIONS, "played", NAMESPACE) is not None:
        await kube.delete(APPLICATIONS, "played", NAMESPACE)
