"""Commits that are signed, and those that are not pushed because they could not be."""

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from fairlead.commit_server.signing import SigningError
from fairlead.signatures import Keyring, signed_commit, verified
from tests.integration.commit_server.beside import believer
from tests.integration.commit_server.lab import Lab, Written, config_map, dry_commit
from tests.signing import GpgKey

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSPHRASE = "only for tests"


async def check_signed(written: Written, keys: dict[str, str]) -> None:
    body = (await written.git("cat-file", "commit", "env/prod") + "\n").encode()
    found = verified(signed_commit(body), Keyring.of(keys), time.time())
    assert found.is_good, found


async def test_commits_are_signed_with_the_key_as_it_is_now_or_not_pushed(lab: Lab, tmp_path: Path) -> None:
    written = await lab.repository()
    first, second, file = GpgKey(), GpgKey(), tmp_path / "key.asc"
    file.write_text(str(first.secret))
    async with believer(lab, tmp_path / "data", signing_key=file) as one:
        path = await lab.path("a", config_map("a"))
        answer = await one.hydrate(written.question("", path))
        await check_signed(written, first.entry)
        file.write_text(str(second.secret))
        path = await lab.path("a", config_map("a", "2"))
        answer = await one.hydrate(written.question(answer.hydrated_sha, path, dry=dry_commit(1)))
        await check_signed(written, second.entry)
        for broken in (b"no key", second.text.encode(), None):
            file.unlink() if broken is None else file.write_bytes(broken)
            path = await lab.path("a", config_map("a", "3"))
            with pytest.raises(SigningError, match=r"key\.asc c"):
                await one.hydrate(written.question(answer.hydrated_sha, path, dry=dry_commit(2)))
            assert await written.git("rev-parse", "env/prod") == answer.hydrated_sha


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg makes the key that has a passphrase")
async def test_a_key_with_a_passphrase_signs_when_that_is_right(lab: Lab, tmp_path: Path) -> None:
    written = await lab.repository()
    key, passphrase = tmp_path / "key.asc", tmp_path / "passphrase"
    public = await asyncio.to_thread(make_key, key)
    passphrase.write_text("another\n")
    async with believer(lab, tmp_path / "data", signing_key=key, passphrase_file=passphrase) as one:
        question = written.question("", await lab.path("a", config_map("a")))
        with pytest.raises(SigningError, match="its passphrase is wrong") as refused:
            await one.hydrate(question)
        assert "another" not in str(refused.value)
        assert await written.git("for-each-ref") == ""
        passphrase.write_text(f"{PASSPHRASE}\n")
        assert (await one.hydrate(question)).pushed
    await check_signed(written, public)


def make_key(file: Path) -> dict[str, str]:
    """Write a secret key with a passphrase; its public half as an entry of a keyring."""
    home = file.parent / "gnupg"
    home.mkdir(mode=0o700)
    options = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", PASSPHRASE]
    environment = {"PATH": os.environ["PATH"], "GNUPGHOME": str(home)}

    def gpg(*arguments: str) -> bytes:
        done = subprocess.run(["gpg", *options, *arguments], env=environment, check=True, capture_output=True)
        return done.stdout

    try:
        gpg("--quick-generate-key", "Robot <robot@shop.example>", "ed25519", "sign", "never")
        file.write_bytes(gpg("--armor", "--export-secret-keys"))
        public = gpg("--armor", "--export").decode()
    finally:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environment, check=False, capture_output=True)
    listed = gpg("--with-colons", "--list-keys").decode().splitlines()
    [key_id] = [line.split(":")[4] for line in listed if line.startswith("pub:")]
    return {key_id: public}
