"""Which proxy extensions an operator's settings mean, and what is said of the rest."""

import pytest

from fairlead.settings.proxy_extensions import MAX_EXTENSIONS, ProxyExtension, proxy_extensions
from fairlead.settings.reading import Reader

WHOLE = """
extensions:
- name: metrics
  backend:
    connectionTimeout: 5s
    keepAlive: 1m
    idleConnectionTimeout: 90s
    maxIdleConnections: 7
    services:
    - url: https://metrics.one/base/
      headers: [{name: Authorization, value: $metrics.token}]
      cluster: {name: one, server: https://one.example/}
    - url: http://metrics.two:8080
      cluster: {server: "https://two.example"}
"""


def read(data: dict[str, str]) -> tuple[tuple[ProxyExtension, ...], list[str]]:
    reader = Reader("argocd-cm", data)
    return proxy_extensions(reader), reader.problems


def test_an_extension_is_read_whole_and_for_each_cluster_its_own_service() -> None:
    (found,), problems = read({"extension.config": WHOLE})
    assert not problems
    assert (found.name, found.connect_seconds, found.keep_alive_seconds) == ("metrics", 5, 60)
    assert (found.idle_seconds, found.max_idle) == (90, 7)
    one, two = found.services
    assert (one.url, two.url) == ("https://metrics.one/base", "http://metrics.two:8080")
    assert found.service_for("one", "https://x") is one
    assert found.service_for("other", "https://two.example") is two
    assert found.service_for("other", "https://one.example") is one
    assert found.service_for("other", "https://other.example") is None
    assert found.service_for("", "") is None
    assert "token" not in repr(found)


def test_an_extension_of_its_own_key_has_the_defaults_and_its_only_service_is_for_all() -> None:
    (found,), problems = read({"extension.config.my-ext_1": "services: [{url: 'http://a.b'}]"})
    assert not problems
    assert (found.connect_seconds, found.keep_alive_seconds, found.idle_seconds) == (2, 15, 60)
    assert (found.name, found.max_idle) == ("my-ext_1", 30)
    assert found.service_for("any", "https://any") is found.services[0]


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("", "its backend that is no map"),
        ("services: []", "no list of services"),
        ("services: [{}]", "without an address"),
        ("services: [{url: 'ftp://a'}]", "without an address"),
        ("services: [{url: 'http://'}]", "without an address"),
        ("services: [{url: 'http://[::1'}]", "without an address"),
        ("services: [{url: 'http://user:pass@a'}]", "a user, a query or a fragment"),
        ("services: [{url: 'http://a?x=1'}]", "a user, a query or a fragment"),
        ("services: [{url: 'http://a'}, {url: 'http://b', cluster: {name: b}}]", "no cluster by name"),
        ("services: [{url: 'http://a', headers: [{name: 'a b', value: x}]}]", "cannot be sent"),
        ('services: [{url: "http://a", headers: [{name: a, value: "x\\r\\ny: z"}]}]', "cannot be sent"),
        ("services: [{url: 'http://a', headers: [{name: a}]}]", "cannot be sent"),
        ("services: [{url: 'http://a', headers: [{name: Argocd-Username, value: x}]}]", "not to be"),
        ("services: [{url: 'http://a', headers: [{name: Host, value: x}]}]", "not to be configured"),
        ("services: [{url: 'http://a', header: []}]", "'header', which is not known"),
        ("{connectionTimeout: 5, services: [{url: 'http://a'}]}", "no duration such as 2s"),
        ("{keepAlive: 2h, services: [{url: 'http://a'}]}", "no duration such as 2s"),
        ("{maxIdleConnections: 0, services: [{url: 'http://a'}]}", "no number from 1"),
    ],
)
def test_what_is_wrong_is_said_of_that_extension_and_the_others_go_on(backend: str, words: str) -> None:
    data = {"extension.config.bad": backend or "x", "extension.config.good": "services: [{url: 'http://a'}]"}
    found, problems = read(data)
    assert [one.name for one in found] == ["good"]
    assert len(problems) == 1
    assert problems[0].startswith("argocd-cm: extension.config.bad: extension 'bad' ")
    assert words in problems[0]
    assert "pass" not in problems[0]


def test_a_name_means_one_extension_or_none() -> None:
    backend = "services: [{url: 'http://a'}]"
    whole = (
        f"extensions: [{{name: twice, backend: {{{backend}}}}}, {{name: 'a/b', backend: {{{backend}}}}}, 3]"
    )
    found, problems = read({"extension.config": whole, "extension.config.twice": backend})
    assert found == ()
    assert sum("more than once" in problem for problem in problems) == 2
    assert any("other characters" in problem for problem in problems)
    assert any("without a name" in problem for problem in problems)


@pytest.mark.parametrize("text", ["a: [", "[]", "extensions: {}", "- name: x"])
def test_what_is_no_document_of_extensions_is_said(text: str) -> None:
    found, problems = read({"extension.config": text})
    assert found == ()
    assert len(problems) == 1


def test_there_are_not_more_than_are_held() -> None:
    backend = "services: [{url: 'http://a'}]"
    found, problems = read({f"extension.config.e{n}": backend for n in range(MAX_EXTENSIONS + 2)})
    assert len(found) == MAX_EXTENSIONS
    assert len(problems) == 2
