"""ConfigMaps are read forgivingly: what is wrong is named, and the default holds."""

from fairlead.manifest.tracking import Method
from fairlead.settings import HealBackoff, controller_parameters, controller_settings
from fairlead.settings.controller import IgnoreStatus
from fairlead.settings.reading import seconds_of


def test_an_empty_config_map_gives_the_defaults() -> None:
    settings = controller_settings({})
    assert settings.tracking.method is Method.ANNOTATION
    assert settings.filters.exclusions is None
    assert settings.reconciliation == 120.0
    assert settings.problems == ()


def test_tracking_is_read() -> None:
    settings = controller_settings(
        {
            "application.resourceTrackingMethod": "annotation+label",
            "application.instanceLabelKey": "example.org/app",
            "installationID": "one",
        }
    )
    assert settings.tracking == (Method.BOTH, "example.org/app", "one")


def test_an_unknown_tracking_method_is_named_and_the_default_holds() -> None:
    settings = controller_settings({"application.resourceTrackingMethod": "guess"})
    assert settings.tracking.method is Method.ANNOTATION
    assert "'guess' is unknown" in settings.problems[0]


def test_exclusions_replace_the_shipped_ones() -> None:
    text = "- apiGroups: [apps]\n  kinds: [Deployment]\n  clusters: ['*']\n"
    rules = controller_settings({"resource.exclusions": text}).filters.exclusions
    assert rules is not None
    assert [(rule.api_groups, rule.kinds, rule.clusters) for rule in rules] == [
        (("apps",), ("Deployment",), ("*",))
    ]


def test_selectors_and_respect_for_refused_lists_are_read_or_named_as_problems() -> None:
    text = "- {apiGroups: [''], kinds: [Secret], clusters: ['*'], selector: team=shop}\n- {kinds: [Pod]}\n"
    settings = controller_settings({"resource.selectors": text, "resource.respectRBAC": "strict"})
    assert [(rule.kinds, rule.selector) for rule in settings.filters.selectors] == [
        (("Secret",), "team=shop"),
        (("Pod",), ""),
    ]
    assert settings.filters.respect_rbac == "strict"
    assert settings.problems == ("argocd-cm: resource.selectors: a rule has no selector, so it says nothing",)
    settings = controller_settings({"resource.respectRBAC": "sometimes"})
    assert settings.filters.respect_rbac == ""
    assert "'sometimes' is none of normal and strict" in settings.problems[0]


def test_broken_yaml_is_named_and_everything_else_is_read() -> None:
    settings = controller_settings({"resource.inclusions": "[", "installationID": "one"})
    assert settings.tracking.installation_id == "one"
    assert settings.problems[0].startswith("argocd-cm: resource.inclusions: is not YAML")


def test_ignored_fields_are_read_from_both_spellings() -> None:
    settings = controller_settings(
        {
            "resource.customizations": (
                "apps/Deployment:\n  ignoreDifferences: |\n    jsonPointers: [/spec/replicas]\n"
            ),
            "resource.customizations.ignoreDifferences.all": "jsonPointers: [/metadata/labels/x]",
        }
    )
    found = [(rule.group, rule.kind, rule.json_pointers) for rule in settings.ignore_differences]
    assert found == [("apps", "Deployment", ("/spec/replicas",)), ("*", "*", ("/metadata/labels/x",))]


def test_compare_options_are_read() -> None:
    options = "ignoreResourceStatusField: crd\nignoreAggregatedRoles: true\n"
    settings = controller_settings({"resource.compareoptions": options})
    assert settings.ignore_status is IgnoreStatus.CRD
    assert settings.ignore_aggregated_roles
    assert controller_settings(
        {"resource.compareoptions": "ignoreResourceStatusField: 'off'"}
    ).ignore_status is (IgnoreStatus.NONE)


def test_parameters_have_their_documented_defaults() -> None:
    parameters = controller_parameters({})
    assert (parameters.parallel_applies, parameters.wave_delay, parameters.sync_timeout) == (20, 2.0, 0.0)


def test_a_bad_number_is_named() -> None:
    parameters = controller_parameters({"controller.status.processors": "many"})
    assert parameters.status_processors == 20
    assert parameters.problems == (
        "argocd-cmd-params-cm: controller.status.processors: 'many' is not a number",
    )


def test_self_heal_waits_grow_to_their_cap() -> None:
    backoff = HealBackoff()
    assert [backoff.wait(attempts) for attempts in range(8)] == [0, 2, 6, 18, 54, 162, 300, 300]


def test_durations_are_go_durations_or_seconds() -> None:
    assert [seconds_of(text) for text in ("120s", "3m", "1h30m", "90", "100ms", "soon", "5x")] == [
        120.0,
        180.0,
        5400.0,
        90.0,
        0.1,
        None,
        None,
    ]
