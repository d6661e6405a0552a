"""The passwords of a suite on one machine: made once, kept, and completed for a later release."""

from pathlib import Path

import msgspec

from fairlead.bus.topology import GRANTS
from fairlead.local.suite.secrets import FILE, SuiteSecrets, ensure_secrets


def test_a_later_release_adds_the_users_that_are_new_and_keeps_all_else(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path)
    older = msgspec.structs.replace(first, nats={"repo-server": "known", "of-earlier-times": "x"})
    (tmp_path / FILE).write_bytes(msgspec.json.encode(older))
    later = ensure_secrets(tmp_path)
    assert (later.redis, later.cache, later.credentials) == (first.redis, first.cache, first.credentials)
    assert later.nats["repo-server"] == "known"
    assert later.nats.keys() == {grant.service for grant in GRANTS}
    assert ensure_secrets(tmp_path) == later
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_read_is_replaced(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    made = ensure_secrets(tmp_path)
    assert msgspec.json.decode((tmp_path / FILE).read_bytes(), type=SuiteSecrets) == made
