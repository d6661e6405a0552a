"""What a push's body says, and what GitHub's webhook would."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from fairlead.local.push import NOTHING, PushReader, RefChange, has_happened, headers, payload

NEW = "1" * 40
OLD = "2" * 40
MAIN = RefChange(ref="refs/heads/main", before=OLD, after=NEW)


def packet(text: str) -> bytes:
    return f"{len(text) + 4:04x}{text}".encode()


async def read(*chunks: bytes) -> tuple[bytes, list[RefChange]]:
    async def body() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    reader = PushReader(body())
    passed = b"".join([chunk async for chunk in reader])
    return passed, reader.changes()


async def test_every_ref_of_a_push_is_read_and_the_body_passed_on() -> None:
    body = packet(f"{OLD} {NEW} refs/heads/main\0 report-status") + packet(f"{NOTHING} {NEW} refs/tags/v1")
    passed, changes = await read(body + b"0000PACKwhatever")
    assert passed == body + b"0000PACKwhatever"
    assert changes == [MAIN, RefChange(ref="refs/tags/v1", before=NOTHING, after=NEW)]


async def test_commands_may_come_in_pieces() -> None:
    body = packet(f"{OLD} {NEW} refs/heads/main\0 report-status") + b"0000PACK"
    _, changes = await read(*(body[at : at + 7] for at in range(0, len(body), 7)))
    assert changes == [MAIN]


async def test_a_probe_and_nonsense_are_no_push() -> None:
    assert (await read(b"0000"))[1] == []
    assert (await read(b"zzzz nonsense"))[1] == []
    assert (await read())[1] == []


def test_a_change_has_happened_when_the_ref_says_so(tmp_path: Path) -> None:
    ref = tmp_path / "refs/heads/main"
    assert not has_happened(tmp_path, MAIN)
    assert has_happened(tmp_path, RefChange(ref=MAIN.ref, before=OLD, after=NOTHING))
    ref.parent.mkdir(parents=True)
    ref.write_text(f"{NEW}\n")
    assert has_happened(tmp_path, MAIN)
    ref.write_text(f"{OLD}\n")
    assert not has_happened(tmp_path, MAIN)


def test_the_payload_names_the_repository_as_it_is_cloned() -> None:
    body = msgspec.json.decode(payload(MAIN, name="org/app", url="http://127.0.0.1:1/org/app.git"))
    assert body["repository"]["clone_url"] == "http://127.0.0.1:1/org/app.git"
    assert body["repository"]["html_url"] == "http://127.0.0.1:1/org/app"
    assert body["repository"]["full_name"] == "org/app"
    assert (body["before"], body["after"], body["created"], body["deleted"]) == (OLD, NEW, False, False)


def test_the_signature_is_over_the_body() -> None:
    expected = hmac.new(b"secret", b"body", hashlib.sha256).hexdigest()
    assert headers(b"body", "secret")["X-Hub-Signature-256"] == f"sha256={expected}"
    assert "X-Hub-Signature-256" not in headers(b"body", "")
