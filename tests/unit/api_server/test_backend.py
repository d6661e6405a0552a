"""What the service takes for its own among the ConfigMaps of its namespace."""

from types import SimpleNamespace
from typing import Any

import pytest

from fairlead.api_server.config_map import PART_OF, ConfigMap
from fairlead.api_server.operations.backend import Control


class _Mirror:
    def __init__(self, **held: object) -> None:
        self.held = held
        self.unreadable: dict[str, str] = {}

    def get(self, name: str) -> object:
        return self.held.get(name)


@pytest.mark.parametrize("labels", [{}, {PART_OF: "something-else"}])
def test_accounts_of_a_config_map_that_is_not_labelled_as_ours_are_not_read(labels: dict[str, str]) -> None:
    data = {"accounts.mallory": "login, apiKey", "admin.enabled": "false"}
    maps = _Mirror(**{"argocd-cm": ConfigMap(labels, data)})
    mirrors: Any = SimpleNamespace(config_maps=maps, secrets=_Mirror(), projects=_Mirror())
    control = Control(mirrors)
    assert list(control.accounts()) == ["admin"]
    assert control.accounts()["admin"].enabled
    maps.held["argocd-cm"] = ConfigMap({PART_OF: "argocd"}, data)
    assert set(control.accounts()) == {"admin", "mallory"}
    assert not control.accounts()["admin"].enabled
    maps.held["argocd-cm"] = ConfigMap(labels, data)
    assert list(control.accounts()) == ["admin"]
