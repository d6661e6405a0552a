"""Flags over environment over defaults."""

from fairlead.api_server.config import read
from fairlead.process.flags import Environment


def test_flags_win_over_the_environment_and_secrets_are_not_printed() -> None:
    environment = Environment(
        {
            "FAIRLEAD_PORT": "9000",
            "FAIRLEAD_LISTEN": "127.0.0.1",
            "FAIRLEAD_INSECURE": "true",
            "FAIRLEAD_NATS_PASSWORD": "canary",
            "FAIRLEAD_REDIS_URL": "redis://:canary@127.0.0.1",
            "FAIRLEAD_CACHE_SECRET": "canary",
        }
    )
    config = read(["--port", "9001"], environment)
    assert (config.port, config.listen, config.insecure) == (9001, "127.0.0.1", True)
    assert config.nats_password.reveal() == "canary"
    assert "canary" not in repr(config)


def test_tls_is_on_unless_switched_off() -> None:
    assert read([], Environment({})).insecure is False
    assert read(["--insecure"], Environment({})).insecure is True
