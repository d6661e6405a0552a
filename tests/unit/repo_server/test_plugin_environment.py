"""The variables of plugins, and the paths that somebody declares for them."""

from pathlib import Path

import pytest

from fairlead.render import RenderRequest
from fairlead.repo_server.plugins.environment import expanded, plugin_environment
from fairlead.repo_server.plugins.paths import common_root, declared


def request(**plugin: object) -> RenderRequest:
    return RenderRequest(
        mirror=Path("/m"),
        commit="c" * 40,
        options={"plugin": plugin},
        kube_version="v1.36.3-gke.100",
        api_versions=("v1", "apps/v1"),
        env={"ARGOCD_APP_NAME": "web", "ARGOCD_APP_REVISION": "abc"},
    )


def test_the_variables_are_those_of_the_original() -> None:
    found = plugin_environment(
        request(
            env=[{"name": "A", "value": "$ARGOCD_APP_NAME-${KUBE_VERSION}-$$X-$NONE"}, {"name": "B"}],
            parameters=[
                {"name": "image tag", "string": "<v1>"},
                {"name": "m", "map": {"a.b": "1"}},
                {"name": "list", "array": ["x", "y"]},
                {"name": "empty", "map": {}},
            ],
        )
    )
    assert found == {
        "ARGOCD_APP_NAME": "web",
        "ARGOCD_APP_REVISION": "abc",
        "KUBE_VERSION": "1.36.3",
        "KUBE_API_VERSIONS": "v1,apps/v1",
        "ARGOCD_ENV_A": "web-1.36.3-$X-",
        "ARGOCD_ENV_B": "",
        "ARGOCD_APP_PARAMETERS": (
            '[{"name":"image tag","string":"\\u003cv1\\u003e"},{"map":{"a.b":"1"},"name":"m"},'
            '{"array":["x","y"],"name":"list"},{"map":{},"name":"empty"}]'
        ),
        "PARAM_IMAGE_TAG": "<v1>",
        "PARAM_M_A_B": "1",
        "PARAM_LIST_0": "x",
        "PARAM_LIST_1": "y",
    }


def test_a_source_that_names_no_plugin_has_no_parameters() -> None:
    bare = RenderRequest(mirror=Path("/m"), commit="c" * 40)
    assert plugin_environment(bare) == {"KUBE_VERSION": "", "KUBE_API_VERSIONS": ""}
    assert plugin_environment(request())["ARGOCD_APP_PARAMETERS"] == "null"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$A", "1"),
        ("${A}b", "1b"),
        ("$Ab", ""),
        ("a$", "a$"),
        ("$$A", "$A"),
        ("$-x", "x"),
        ("${A", "A"),
        ("a$ b", "a$ b"),
        ("${}x", "x"),
        ("$1x", "x"),
    ],
)
def test_variables_are_expanded_as_go_does_it(text: str, found: str) -> None:
    assert expanded(text, {"A": "1"}) == found


@pytest.mark.parametrize(
    ("annotation", "paths", "root"),
    [
        ("", (), ""),
        (".", ("apps/web",), "apps/web"),
        (".;../base", ("apps/web", "apps/base"), "apps"),
        ("/shared/*.yaml;.", ("shared", "apps/web"), ""),
        ("/apps/web/values", ("apps/web/values",), "apps/web"),
        ("../../..", ("",), ""),
        ("/", ("",), ""),
    ],
)
def test_declared_paths_and_the_folder_that_holds_them(
    annotation: str, paths: tuple[str, ...], root: str
) -> None:
    assert declared(annotation, "apps/web") == paths
    assert common_root(paths, "apps/web") == root


def test_another_plugin_parameter_or_cluster_is_another_render_and_a_commit_alone_is_not() -> None:
    digest = request(name="a").options_digest("Plugin")
    assert digest != request(name="b").options_digest("Plugin")
    other = RenderRequest(
        mirror=Path("/m"),
        commit="d" * 40,
        options={"plugin": {"name": "a"}},
        kube_version="v1.36.3-gke.100",
        api_versions=("apps/v1", "v1"),
        env={"ARGOCD_APP_NAME": "web", "ARGOCD_APP_REVISION": "def"},
    )
    assert digest == other.options_digest("Plugin")
