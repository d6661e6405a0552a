"""The configuration file is shared with other commands, versions and tools: none loses anything."""

import errno
import fcntl
import os
import threading
from pathlib import Path

import pytest
import yaml

from fairlead.cli import config_file
from fairlead.cli.config_file import ConfigFile
from fairlead.cli.errors import SettingsError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "config"


def kept(path: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(path.read_text())
    return found


def test_two_logins_at_once_are_both_remembered(path: Path) -> None:
    first, second = ConfigFile(path), ConfigFile(path)
    first.remember("one", {"server": "one"}, "token-1")
    second.remember("two", {"server": "two"}, "token-2")
    first.save()
    second.save()
    config = ConfigFile(path)
    assert [entry["name"] for entry in config.contexts] == ["one", "two"]
    assert (config.user("one") or {})["auth-token"] == "token-1"
    assert config.current == "two"


def test_many_commands_at_once_lose_no_session(path: Path) -> None:
    def log_in(name: str) -> None:
        config = ConfigFile(path)
        config.remember(name, {"server": name}, name)
        config.save()

    threads = [threading.Thread(target=log_in, args=(f"s{number}",)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ConfigFile(path).users) == 16
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in path.parent.iterdir()) == [".config.lock", "config"]


def test_a_file_that_another_command_holds_is_waited_for_and_then_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_file, "LOCK_SECONDS", 0.2)
    config = ConfigFile(path)
    config.current = "x"
    config.save()
    with path.with_name(".config.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SettingsError, match="another command holds it"):
            config.save()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles", tmp_path / "config"
    target.write_text("{}")
    target.chmod(0o600)
    link.symlink_to(target)
    config = ConfigFile(link)
    config.current = "x"
    config.save()
    assert link.is_symlink()
    assert kept(target)["current-context"] == "x"


def test_a_file_that_is_read_only_is_not_replaced(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("current-context: a\n")
    path.chmod(0o400)
    config = ConfigFile(path)
    config.current = "b"
    with pytest.raises(SettingsError, match="is read-only"):
        config.save()
    assert kept(path)["current-context"] == "a"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o700, 0o604])
def test_a_file_has_the_modes_that_the_original_accepts(path: Path, mode: int) -> None:
    path.parent.mkdir()
    path.write_text("{}")
    path.chmod(mode)
    with pytest.raises(SettingsError, match=f"incorrect permission flags.*{mode:04o}"):
        ConfigFile(path)


def test_a_broken_file_is_told_without_what_stands_in_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("users:\n- auth-token: 'secret-token\n  x: [}\n")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="is not YAML") as told:
        ConfigFile(path)
    assert "secret-token" not in str(told.value)


def test_names_that_look_like_numbers_are_names(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("current-context: 5\ncontexts: [{name: 5, server: s, user: 5}]\nusers: [{name: 5}]\n")
    path.chmod(0o600)
    config = ConfigFile(path)
    assert config.current == "5"
    assert config.context("5") is not None


def test_a_user_and_a_server_that_other_contexts_use_are_kept_with_them(path: Path) -> None:
    path.parent.mkdir()
    contexts = [{"name": "a", "server": "s", "user": "u"}, {"name": "b", "server": "s", "user": "u"}]
    path.write_text(
        yaml.safe_dump({"contexts": contexts, "servers": [{"server": "s"}], "users": [{"name": "u"}]})
    )
    path.chmod(0o600)
    config = ConfigFile(path)
    config.forget_context("a")
    config.save()
    assert kept(path)["users"] == [{"name": "u"}]
    config.forget_context("b")
    config.save()
    assert kept(path)["users"] == []
    assert kept(path)["servers"] == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = ConfigFile(tmp_path / "none" / "config")
    config.path = tmp_path / "file" / "config"
    with pytest.raises(SettingsError, match="cannot write"):
        config.save()


def test_a_session_of_the_original_is_continued(path: Path) -> None:
    """The keys of a file that the stock command wrote, several contexts in it."""
    path.parent.mkdir()
    content = {
        "contexts": [
            {"name": "cd.example.com", "server": "cd.example.com", "user": "cd.example.com"},
            {"name": "kubernetes", "server": "kubernetes", "user": "kubernetes"},
        ],
        "current-context": "cd.example.com",
        "prompts-enabled": False,
        "servers": [
            {"server": "cd.example.com", "grpc-web": True, "grpc-web-root-path": ""},
            {"core": True, "server": "kubernetes"},
        ],
        "users": [
            {"name": "cd.example.com", "auth-token": "a.b.c", "refresh-token": "r"},
            {"name": "kubernetes"},
        ],
    }
    path.write_text(yaml.safe_dump(content))
    path.chmod(0o600)
    config = ConfigFile(path)
    assert not config.prompts
    config.current = "kubernetes"
    config.save()
    assert kept(path) == {**content, "current-context": "kubernetes"}


def test_where_there_is_no_home_it_is_said_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("ARGOCD_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", none)
    with pytest.raises(SettingsError, match="ARGOCD_CONFIG_DIR"):
        config_file.default_path()
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", os.sep)
    assert config_file.default_path() == Path("/config")


def test_where_there_are_no_locks_the_file_is_written_without_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    config = ConfigFile(path)
    config.current = "x"
    config.save()
    assert ConfigFile(path).current == "x"
