"""Addresses of Redis: as Fairlead says them, and as users of Argo CD do."""

from pathlib import Path

import pytest

from fairlead.cache.address import Given, sentinels_of
from fairlead.process.flags import Environment
from fairlead.process.redis import redis_url


def test_the_address_of_a_redis_names_no_sentinels() -> None:
    assert sentinels_of("rediss://:password@host:6379/0?ssl_ca_certs=/ca.crt") is None


def test_sentinels_are_named_with_the_way_to_the_master_and_shown_without_passwords() -> None:
    url = "rediss+sentinel://me:s%40fe@one:1,two,[::1]:3/2?master=m&sentinel_password=p&ssl_ca_certs=/ca.crt"
    found = sentinels_of(url)
    assert found is not None
    assert found.hosts == (("one", 1), ("two", 26379), ("::1", 3))
    assert (found.master, found.password) == ("m", "p")
    assert found.url == "rediss://me:s%40fe@master/2?ssl_ca_certs=%2Fca.crt"
    assert "s%40fe" not in repr(found)
    with pytest.raises(ValueError, match="a sentinel of Redis is host:port"):
        sentinels_of("redis+sentinel://one:port/0")


def test_what_users_of_argo_cd_say_is_an_address_and_our_own_word_comes_first(tmp_path: Path) -> None:
    said = {"REDIS_SENTINEL_HOSTS": "one:1, two:2", "REDIS_PASSWORD": "p@ss", "REDISDB": "3"}
    found = sentinels_of(redis_url(Environment(said)))
    assert found is not None
    assert (found.hosts, found.master) == ((("one", 1), ("two", 2)), "master")
    assert found.url == "redis://:p%40ss@master/3"
    assert redis_url(Environment({**said, "FAIRLEAD_REDIS_URL": "redis://here"})) == "redis://here"
    assert redis_url(Environment({"REDIS_SERVER": "r.example:6379"})) == "redis://r.example:6379/0"
    assert redis_url(Environment({})) == "redis://127.0.0.1:6379/0"
    (tmp_path / "auth").write_text("of the folder\n")
    folder = {**said, "REDIS_CREDS_DIR_PATH": str(tmp_path)}
    assert "of%20the%20folder" in redis_url(Environment(folder))
    with pytest.raises(ValueError, match="database is a number"):
        Given(server="r:1", database="x").url  # noqa: B018
