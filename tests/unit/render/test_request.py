"""What counts as the same render, before anything is rendered."""

from pathlib import Path

import msgspec
import pytest

from fairlead.events import RenderSettings
from fairlead.events.render_settings import KustomizeSettings, RenderLimits
from fairlead.render import ReadEntry, RenderInvalidError, RenderRequest, build_environment, wire

ENVIRONMENT = build_environment(
    app_instance="team_shop",
    app_namespace="shop",
    project="default",
    revision="0123456789abcdef0123456789abcdef01234567",
    path="apps/shop",
    repo_url="https://git.example/config.git",
    target_revision="main",
)


def request(**changes: object) -> RenderRequest:
    """A request with some fields set."""
    return msgspec.structs.replace(RenderRequest(mirror=Path("/m.git"), commit="a" * 40), **changes)


def test_the_build_environment_has_argo_cds_names() -> None:
    assert ENVIRONMENT["ARGOCD_APP_NAME"] == "team_shop"
    assert ENVIRONMENT["ARGOCD_APP_REVISION_SHORT"] == "0123456"
    assert ENVIRONMENT["ARGOCD_APP_REVISION_SHORT_8"] == "01234567"
    assert len(ENVIRONMENT) == 9


def test_where_git_content_comes_from_is_not_in_the_digest() -> None:
    assert request().options_digest() == request(mirror=Path("/other.git"), commit="b" * 40).options_digest()


def test_a_new_revision_changes_the_digest_only_when_an_option_names_it() -> None:
    later = {**ENVIRONMENT, "ARGOCD_APP_REVISION": "f" * 40}
    quiet = {"helm": {"parameters": [{"name": "a", "value": "$ARGOCD_APP_NAME"}]}}
    loud = {"helm": {"parameters": [{"name": "a", "value": "${ARGOCD_APP_REVISION}"}]}}
    for options, same in ((quiet, True), (loud, False)):
        before = request(options=options, env=ENVIRONMENT).options_digest()
        after = request(options=options, env=later).options_digest()
        assert (before == after) is same


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "b"},
        {"options": {"kustomize": {"namePrefix": "a-"}}},
        {"settings": RenderSettings(disabled_tools=("Helm",))},
    ],
)
def test_what_every_tool_sees_is_in_the_digest(changes: dict[str, object]) -> None:
    assert request().options_digest("Directory") != request(**changes).options_digest("Directory")


@pytest.mark.parametrize(
    "changes",
    [{"release_name": "b"}, {"namespace": "b"}, {"kube_version": "1.30"}, {"api_versions": ("v2",)}],
)
def test_what_only_charts_see_is_left_out_for_other_tools(changes: dict[str, object]) -> None:
    assert request().options_digest("Helm") != request(**changes).options_digest("Helm")
    assert request().options_digest() != request(**changes).options_digest()
    assert request().options_digest("Kustomize") == request(**changes).options_digest("Kustomize")


FLAGS = RenderSettings(kustomize=KustomizeSettings(build_options="--load-restrictor none"))
HELM_FLAGS = RenderSettings(kustomize=KustomizeSettings(build_options="--enable-helm"))


@pytest.mark.parametrize(
    ("settings", "concerned"),
    [
        (FLAGS, {"Kustomize"}),
        (RenderSettings(value_file_schemes=()), {"Helm"}),
        (RenderSettings(disabled_tools=("Jsonnet",)), {"Directory"}),
        (RenderSettings(disabled_tools=("Helm",)), {"Directory", "Helm"}),
        (RenderSettings(disabled_tools=("Kustomize",)), {"Directory", "Helm", "Kustomize"}),
        (RenderSettings(limits=RenderLimits(combined=1)), set()),
    ],
)
def test_a_setting_changes_the_digest_of_the_tools_that_it_concerns(
    settings: RenderSettings, concerned: set[str]
) -> None:
    tools = ("Directory", "Helm", "Kustomize")
    changed = {
        tool
        for tool in tools
        if request().options_digest(tool) != request(settings=settings).options_digest(tool)
    }
    assert changed == concerned
    assert request().options_digest() != request(settings=settings).options_digest()


def test_kustomize_sees_the_cluster_once_it_inflates_charts() -> None:
    before, after = request(settings=HELM_FLAGS), request(settings=HELM_FLAGS, kube_version="1.30")
    assert before.options_digest("Kustomize") != after.options_digest("Kustomize")


def test_the_order_of_the_clusters_apis_does_not_matter() -> None:
    one, two = request(api_versions=("a", "b")), request(api_versions=("b", "a"))
    assert one.options_digest() == two.options_digest()


def test_only_the_tool_blocks_of_a_source_are_sent() -> None:
    source = {"repoURL": "https://git.example", "path": "a", "helm": None, "directory": {"recurse": True}}
    message = wire.render_message(request(options=source), combined_bytes=1, output_bytes=2)
    assert message["options"] == {"directory": {"recurse": True}}


def test_options_too_large_to_send_are_refused() -> None:
    with pytest.raises(RenderInvalidError, match="exceed"):
        wire.encode({"text": b"x" * wire.MAX_REQUEST_BYTES})


def test_a_read_entry_survives_the_wire() -> None:
    entry = ReadEntry("a", "missing")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(entry), type=ReadEntry) == entry
