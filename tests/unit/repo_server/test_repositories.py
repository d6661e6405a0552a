"""What is said of a Secret when it is read."""

from structlog.testing import capture_logs

from fairlead.bus import Entry
from fairlead.events import RepositoryCredentials
from fairlead.events.credentials import context_of
from fairlead.events.envelope import encode
from fairlead.repo_server.repositories import Repositories
from fairlead.secret.seal import Seal, derive

SEAL = Seal(derive(b"secret" * 4, "test"))


def test_fields_without_effect_are_said_once() -> None:
    book = Repositories()
    data = {"url": "https://host/x", "enableLfs": "true", "password": "canary"}
    credentials = RepositoryCredentials(secret="one", secret_type="repository", data=data)
    entry = Entry(key="one", value=SEAL.seal(context_of("one"), encode(credentials)), revision=1)
    with capture_logs() as told:
        book.take(entry, SEAL)
        book.take(entry, SEAL)
    warned = [line for line in told if line["log_level"] == "warning"]
    assert [line["fields"] for line in warned] == [("enableLfs",)]
    assert "canary" not in str(told)
