"""The judge of bounds, leaks and escapes sees each kind of wrong, and nothing wrong in what is right."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.bounds import LIMITS, STEADY, Broker, backlog, most, unbounded
from tests.chaos.invariants import written_since
from tests.chaos.leaks import MANIFEST, Listener, escapes, leaks_in, leaks_in_files, leaks_in_writes
from tests.chaos.nats_edge import ANSWERS
from tests.chaos.recording import Write
from tests.chaos.vitals import Sample, parents_of_all, sample_of, strays
from tests.e2e.canaries import Canaries

WORD = "a-word-that-nobody-is-to-see"


def _sample(at: float = 0.0, instance: str = "repo-server", **fields: int) -> Sample:
    given = {"rss_mib": 60, "files": 30, "threads": 5, "children": 2, "children_mib": 80, **fields}
    return Sample(instance=instance, pid=1, at=at, **given)


def _write(path: str, *, body: object = None, method: str = "PATCH", at: float = 1.0) -> Write:
    content = json.dumps(body or {}).encode()
    return Write(by="one", method=method, path=path, body=content, at=at, answered=at, status=200)


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_a_process_that_takes_more_than_it_may_is_told(name: str) -> None:
    assert unbounded([_sample(), _sample(**{name: LIMITS[name]})]) == []
    (found,) = unbounded([_sample(), _sample(**{name: LIMITS[name] + 1}), _sample()])
    assert found.startswith("I9: repo-server (1)") and name in found


@pytest.mark.parametrize("name", ["files", "threads", "rss_mib", "children"])
def test_a_process_that_grows_for_as_long_as_it_lives_is_told(name: str) -> None:
    begin, step = getattr(_sample(), name), {"rss_mib": 4.0, "files": 2.0, "threads": 0.8, "children": 0.3}
    rising = [_sample(STEADY * n / 50, **{name: int(begin + n * step[name])}) for n in range(101)]
    found = unbounded(rising)
    assert any("grew" in line and name in line for line in found), found
    assert unbounded([_sample(STEADY * n / 50) for n in range(101)]) == []
    assert not any("grew" in line for line in unbounded(rising[:40])), "too young to say"


def test_one_that_takes_its_neighbours_cluster_over_does_not_grow_unless_both_do() -> None:
    def held(leak: int) -> list[Sample]:
        found = []
        for n in range(101):
            mine, at = 0 if n < 60 else 2, STEADY * n / 50
            found.append(_sample(at, "app-controller", files=30 + 60 * mine + leak * n))
            found.append(_sample(at - 0.1, "app-controller-2", files=30 + 60 * (2 - mine)))
        return found

    assert unbounded(held(0)) == []
    assert any("app-controller (1) grew: files" in line for line in unbounded(held(4)))


def test_what_waits_at_nats_at_rest_is_told() -> None:
    assert backlog(Broker(work={"RENDER_REQUESTS": 0}, subscriptions={"a": 40}, pending={"a": 0})) == []
    found = backlog(Broker(work={"RENDER_REQUESTS": 3}, subscriptions={"a": 4000}, pending={"a": 1 << 30}))
    assert len(found) == 3


def test_the_most_of_each_process_is_kept() -> None:
    assert most([_sample(files=4), _sample(files=9), _sample(files=5)])["repo-server"]["files"] == 9


def test_a_secret_in_a_write_is_told_unless_it_is_written_to_a_secret() -> None:
    canaries = Canaries()
    word = canaries.add("token", WORD)
    place = "/api/v1/namespaces/x"
    assert leaks_in_writes(canaries, [_write(f"{place}/secrets/s", body={"data": word})]) == []
    (found,) = leaks_in_writes(canaries, [_write(f"{place}/configmaps/c", body={"data": word})] * 2)
    assert found.startswith("I6: token in what one wrote to configmaps")
    assert len(leaks_in_writes(canaries, [_write(f"{place}/secrets/{word}")])) == 1


def test_a_secret_that_passes_or_is_stored_or_said_is_told(tmp_path: Path) -> None:
    canaries = Canaries()
    canaries.add("token", WORD)
    listener = Listener(canaries)
    listener.hear("NATS", b"PUB a 3\r\nabc\r\n")
    assert listener.found == [] and listener.bytes
    for _ in range(3):
        listener.hear("NATS", f"PUB a 30\r\n{WORD}\r\n".encode())
    assert len(listener.found) == 1
    deployed = Canaries()
    deployed.add(MANIFEST, WORD)
    for place, times in ((ANSWERS, 0), ("NATS", 1)):
        listener = Listener(deployed)
        listener.hear(place, WORD.encode())
        assert len(listener.found) == times, place
    (tmp_path / "service.log").write_text(f"it is {WORD}!\n")
    (tmp_path / "other.log").write_text("nothing\n")
    (found,) = leaks_in_files(canaries, "logs", tmp_path)
    assert found.startswith("I6: token in logs/service.log")
    assert leaks_in_files(canaries, "logs", tmp_path, but=("service",)) == []
    assert len(leaks_in(canaries, [("metrics", WORD.encode()), ("events", b"")])) == 1


def test_what_a_hostile_repository_reached_is_told_and_so_is_what_was_left() -> None:
    quiet = [_write("/api/v1/namespaces/web/configmaps/c"), _write("/api/v1/namespaces/hostile/events/e")]
    assert escapes(writes=quiet, hostile="hostile", strays=[], left=[]) == []
    reached = [_write("/api/v1/namespaces/hostile/configmaps/c")]
    found = escapes(writes=reached, hostile="hostile", strays=["5: engine"], left=["fairlead-x"])
    assert [line[:2] for line in found] == ["I7"] * 3


def test_a_write_after_nothing_but_the_loss_of_the_cache_is_told() -> None:
    path = "/api/v1/namespaces/chaos-web/configmaps/item-0"
    writes = [_write(path, at=5.0), _write("/api/v1/namespaces/argocd/configmaps/c", at=11.0)]
    assert written_since(writes, 10.0) == []
    (found,) = written_since([*writes, _write(path, at=11.0)], 10.0)
    assert found.startswith("I10")


def test_a_process_that_outlived_its_parent_is_found_by_its_name(tmp_path: Path) -> None:
    mark = str(tmp_path / "named")
    code = [sys.executable, "-c", "input()"]
    child = subprocess.Popen([*code, "fairlead.repo_server", mark], stdin=subprocess.PIPE)
    looking = subprocess.Popen([*code, "a reader of logs", mark], stdin=subprocess.PIPE)
    try:
        assert strays(mark, os.getpid()) == []
        (found,) = strays(mark, child.pid + 10_000_000)
        assert found.startswith(f"{child.pid}: ")
        sample = sample_of("one", os.getpid(), parents_of_all())
        assert sample is not None and sample.children >= 1 and sample.rss_mib > 5 and sample.files > 2
    finally:
        for one in (child, looking):
            one.kill()
            one.communicate()
