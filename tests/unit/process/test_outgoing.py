"""What services are told that ask hosts which others name."""

import pytest

from fairlead.applicationset_controller.config import read_config
from fairlead.process.flags import Environment


def test_networks_are_opened_and_closed_by_flags_and_environment_and_by_nothing_else() -> None:
    assert not read_config([], Environment({})).networks.allow("127.0.0.1")
    opened = read_config(["--networks-opened=127.0.0.0/8"], Environment({})).networks
    assert opened.allow("127.0.0.1")
    closed = read_config([], Environment({"FAIRLEAD_NETWORKS_CLOSED": "10.0.0.0/8"})).networks
    assert not closed.allow("10.1.2.3")
    with pytest.raises(SystemExit):
        read_config(["--networks-opened=here"], Environment({}))


def test_variables_that_may_hold_keys_are_kept_and_not_shown() -> None:
    key = {"AWS_SECRET_ACCESS_KEY": "canary", "ARGOCD_APPLICATIONSET_CONTROLLER_POLICY": "sync"}
    config = read_config([], Environment({**key, "HOME": "/root", "HTTPS_PROXY": "http://u:canary@proxy"}))
    assert config.environment == key
    assert "canary" not in repr(config)
    assert config.proxies.https == "http://u:canary@proxy"


def test_no_webhook_is_served_unless_a_port_is_said() -> None:
    assert read_config([], Environment({})).webhook_port == 0
    assert read_config([], Environment({"FAIRLEAD_WEBHOOK_PORT": "7000"})).webhook_port == 7000
