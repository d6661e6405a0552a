"""What a source follows has one name, whichever way a registry or a chart repository is written."""

import pytest

from fairlead.matching.project import permits_source
from fairlead.matching.repository import identity, identity_of_source, is_artifact, is_beneath, partition


@pytest.mark.parametrize(
    ("url", "chart"),
    [
        ("oci://registry.example:5000/charts/redis", ""),
        ("registry.example:5000/charts", "redis"),
        ("registry.example/charts", "redis"),
        ("registry.example/charts/", "redis"),
        ("oci://Registry.example/charts", "redis"),
        ("registry.example/charts/redis", ""),
    ],
)
def test_a_chart_in_a_registry_is_the_artifact_that_it_is(url: str, chart: str) -> None:
    assert identity_of_source(url, chart) == "registry.example/charts/redis"


def test_a_chart_at_the_root_of_a_host_is_the_artifact_there() -> None:
    assert identity_of_source("registry.example", "redis") == "registry.example/redis"
    assert identity_of_source("https://charts.example/", "redis") == identity("oci://charts.example/redis")


def test_two_charts_of_one_repository_are_two_and_have_one_owner() -> None:
    url = "https://charts.example/stable"
    assert identity_of_source(url, "redis") == "charts.example/stable/redis"
    assert identity_of_source(url, "redis") != identity_of_source(url, "nginx")
    assert identity_of_source(url) == identity(url)
    assert partition(url) == partition("http://CHARTS.example:8443/stable/")


@pytest.mark.parametrize(
    ("url", "host_and_path"),
    [
        ("localhost:5000/charts", "localhost/charts"),
        ("127.0.0.1:5000/charts", "127.0.0.1/charts"),
        ("git.example:team/config", "git.example/team/config"),
        ("git@git.example:5000/config", "git.example/5000/config"),
        ("/srv/git/config.git", "srv/git/config"),
        ("registry.example", "registry.example/"),
        ("oci://registry.example", "registry.example/"),
    ],
)
def test_an_address_without_a_scheme_is_read_as_registries_are_written(url: str, host_and_path: str) -> None:
    assert identity(url) == host_and_path


def test_a_template_without_a_scheme_is_for_its_host_alone() -> None:
    assert is_beneath("registry.example/charts", "registry.example")
    assert is_beneath("registry.example:5000/charts", "registry.example:5000/charts")
    assert not is_beneath("registry.example.evil.net/charts", "registry.example")


def test_an_artifact_is_told_by_its_scheme() -> None:
    assert is_artifact("oci://registry.example/x")
    assert is_artifact(" OCI://registry.example/x")
    assert not is_artifact("registry.example/x")
    assert not is_artifact("https://registry.example/oci://x")


@pytest.mark.parametrize(
    ("rule", "url", "is_permitted"),
    [
        ("oci://registry.example/team/*", "oci://registry.example/team/web", True),
        ("oci://registry.example/team/*", "oci://registry.example/other/web", False),
        ("registry.example:5000/charts", "registry.example:5000/charts", True),
        ("registry.example:5000/*", "registry.example:5001/charts", False),
        ("https://charts.example/*", "https://charts.example/stable", True),
        ("https://charts.example/*", "oci://charts.example/stable", False),
        ("oci://registry.example/*", "oci://registry.example/../admin", False),
    ],
)
def test_projects_permit_registries_and_chart_repositories_as_they_are_written(
    rule: str, url: str, is_permitted: bool
) -> None:
    assert permits_source((rule,), url) is is_permitted
