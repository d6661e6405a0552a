"""Settings that were handed over are in force until others are."""

from fairlead.events import RenderSettings, encode
from fairlead.repo_server.rendering.in_force import SettingsInForce


def test_nothing_is_in_force_before_it_was_handed_over() -> None:
    settings = SettingsInForce()
    assert not settings.is_synced
    settings.take(encode(RenderSettings()))
    assert settings.is_synced


def test_a_change_is_told_once_and_the_same_again_is_none() -> None:
    told: list[str] = []
    settings = SettingsInForce(lambda: told.append("changed"))
    settings.take(encode(RenderSettings()))
    first = settings.current
    settings.take(encode(RenderSettings()))
    assert settings.current is first
    settings.take(encode(RenderSettings(disabled_tools=("Helm",))))
    settings.take(encode(RenderSettings(disabled_tools=("Helm",))))
    assert told == ["changed"]
    assert settings.current.disabled_tools == ("Helm",)


def test_what_cannot_be_read_changes_nothing() -> None:
    settings = SettingsInForce()
    settings.take(b"\xff")
    assert not settings.is_synced
    settings.take(encode(RenderSettings(git_submodules=False)))
    settings.take(b"\xff")
    assert not settings.current.git_submodules
