"""What a render depends on beside Git is read from two ConfigMaps, forgivingly."""

from fairlead.events import decode, encode
from fairlead.events.render_settings import KustomizeVersion, RenderSettings
from fairlead.settings.rendering import render_settings


def test_absent_config_maps_give_the_defaults() -> None:
    assert render_settings({}, {}) == (RenderSettings(), ())


def test_tools_are_switched_off_by_name() -> None:
    off = {"kustomize.enable": "false", "helm.enable": "true", "jsonnet.enable": "false"}
    settings, problems = render_settings(off, {})
    assert settings.disabled_tools == ("Kustomize", "Jsonnet")
    assert problems == ()


def test_schemes_that_are_set_but_empty_are_none() -> None:
    assert render_settings({"helm.valuesFileSchemes": ""}, {})[0].value_file_schemes == ()
    assert render_settings({"helm.valuesFileSchemes": " S3, https "}, {})[0].value_file_schemes == (
        "s3",
        "https",
    )


def test_versions_of_kustomize_have_a_path_and_flags_of_their_own() -> None:
    given = {
        "kustomize.buildOptions": "--enable-helm",
        "kustomize.buildOptions.v4.5.7": "--load-restrictor LoadRestrictionsNone",
        "kustomize.path.v4.5.7": "/custom-tools/kustomize_4_5_7",
        "kustomize.version.v3": "/custom-tools/kustomize_3",
    }
    settings, problems = render_settings(given, {})
    assert problems == ()
    assert settings.kustomize.versions == {
        "v4.5.7": KustomizeVersion(
            path="/custom-tools/kustomize_4_5_7", build_options="--load-restrictor LoadRestrictionsNone"
        ),
        "v3": KustomizeVersion(path="/custom-tools/kustomize_3"),
    }
    assert settings.flags() == "--enable-helm"
    assert settings.flags("v4.5.7") == "--load-restrictor LoadRestrictionsNone"
    assert settings.flags("unknown") == ""


def test_a_version_spelled_twice_is_refused_aloud() -> None:
    given = {"kustomize.path.v4": "/one", "kustomize.version.v4": "/other", "kustomize.path.v5": "relative"}
    settings, problems = render_settings(given, {})
    assert settings.kustomize.versions == {}
    assert "is given as kustomize.path.v4 and as kustomize.version.v4" in problems[0]
    assert "not an absolute path" in problems[1]


def test_sizes_are_quantities_and_a_disabled_one_is_no_limit() -> None:
    settings, problems = render_settings(
        {},
        {
            "reposerver.max.combined.directory.manifests.size": "20M",
            "reposerver.disable.helm.manifest.max.extracted.size": "true",
            "reposerver.oci.manifest.max.extracted.size": "much",
            "reposerver.parallelism.limit": "3",
            "reposerver.plugin.tar.exclusions": "*.iso; .git/**",
            "reposerver.enable.git.submodule": "false",
            "reposerver.include.hidden.directories": "true",
        },
    )
    limits = settings.limits
    assert (limits.combined, limits.helm_extracted) == (20_000_000, 0)
    assert (limits.oci_extracted, limits.parallel) == (1_000_000_000, 3)
    assert settings.plugin_tar_exclusions == ("*.iso", ".git/**")
    assert not settings.git_submodules
    assert settings.hidden_directories
    assert len(problems) == 1
    assert "'much' is no size" in problems[0]


def test_settings_travel_whole() -> None:
    given = {"kustomize.path.v4": "/one", "helm.enable": "false", "helm.valuesFileSchemes": ""}
    settings, _ = render_settings(given, {"reposerver.parallelism.limit": "3"})
    assert decode(RenderSettings, encode(settings)) == settings


def test_flags_that_stop_every_build_or_do_nothing_are_told() -> None:
    _, problems = render_settings(
        {"kustomize.buildOptions": "--unheard-of", "kustomize.buildOptions.v4": "--enable-exec"}, {}
    )
    assert problems == (
        "argocd-cm: kustomize.buildOptions: --unheard-of is not understood",
        "argocd-cm: kustomize.buildOptions.v4: --enable-exec has no effect: "
        "programs that a kustomization names are not run",
    )


def test_chart_repositories_are_asked_in_a_name_that_can_be_sent() -> None:
    found, problems = render_settings({}, {"reposerver.helm.user.agent": "fleet/1.0"})
    assert (found.helm_user_agent, problems) == ("fleet/1.0", ())
    found, problems = render_settings({}, {"reposerver.helm.user.agent": "a\r\nAuthorization: b"})
    assert found.helm_user_agent == ""
    assert "reposerver.helm.user.agent" in problems[0]
