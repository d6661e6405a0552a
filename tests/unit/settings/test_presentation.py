"""What clients are told about how to show themselves, and that every key of the contract is accounted for."""

import pytest

from fairlead.settings.effects import ROWS, Effect, Surface, row_of, without_effect
from fairlead.settings.presentation import presentation

KEYS = [
    "url",
    "additionalUrls",
    "statusbadge.enabled",
    "statusbadge.url",
    "users.anonymous.enabled",
    "users.session.duration",
    "passwordPattern",
    "admin.enabled",
    "accounts.ci",
    "accounts.ci.enabled",
    "ga.trackingid",
    "ga.anonymizeusers",
    "help.chatUrl",
    "help.chatText",
    "help.download.linux-amd64",
    "dex.config",
    "dex.auth.connectorId",
    "oidc.config",
    "oidc.tls.insecure.skip.verify",
    "resource.customizations",
    "resource.customizations.health.apps_Deployment",
    "resource.customizations.useOpenLibs.apps_Deployment",
    "resource.customizations.actions.apps_Deployment",
    "resource.customizations.ignoreDifferences.all",
    "resource.customizations.ignoreResourceUpdates.all",
    "resource.customizations.knownTypeFields.apps_Deployment",
    "resource.ignoreResourceUpdatesEnabled",
    "resource.exclusions",
    "resource.inclusions",
    "resource.selectors",
    "resource.manifest.compression.enabled",
    "resource.manifest.storage",
    "resource.manifest.compression",
    "resource.sensitive.mask.annotations",
    "resource.customLabels",
    "resource.includeEventLabelKeys",
    "resource.excludeEventLabelKeys",
    "resource.compareoptions",
    "resource.respectRBAC",
    "kustomize.enable",
    "helm.enable",
    "jsonnet.enable",
    "kustomize.buildOptions",
    "kustomize.buildOptions.v5",
    "kustomize.path.v5",
    "kustomize.version.v5",
    "helm.valuesFileSchemes",
    "application.instanceLabelKey",
    "application.resourceTrackingMethod",
    "application.allowedNodeLabels",
    "application.links",
    "project.links",
    "resource.links",
    "application.sync.impersonation.enabled",
    "application.sync.impersonation.enforced",
    "application.sync.requireOverridePrivilegeForRevisionSync",
    "installationID",
    "ui.cssurl",
    "ui.bannercontent",
    "ui.bannerurl",
    "ui.bannerpermanent",
    "ui.bannerposition",
    "ui.loginButtonText",
    "ui.view.resources.disabled",
    "timeout.reconciliation",
    "timeout.reconciliation.jitter",
    "timeout.hard.reconciliation",
    "webhook.refresh.jitter",
    "webhook.refresh.jitter.threshold",
    "webhook.maxPayloadSizeMB",
    "cluster.inClusterEnabled",
    "server.maxPodLogsToRender",
    "server.rbac.disableApplicationFineGrainedRBACInheritance",
    "server.rbac.rollback.enforce.enable",
    "exec.enabled",
    "exec.shells",
    "extension.config",
    "extension.config.x",
    "globalProjects",
    "commit.author.name",
    "commit.author.email",
    "sourceHydrator.commitMessageTemplate",
    "sourceHydrator.readmeMessageTemplate",
    "configManagementPlugins",
]
"""Every key of argocd-cm in the contract."""
OWN = "fairlead."
"""What keys of ours begin with."""


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_contract_acts_or_is_named_as_having_no_effect(key: str) -> None:
    row = row_of(Surface.SETTINGS, key)
    assert row is not None, "a key that Argo CD has is not said to be unknown"
    said = list(without_effect(Surface.SETTINGS, [key]))
    assert bool(said) is (row.effect in (Effect.NONE, Effect.PARTLY))


def test_no_row_is_for_a_key_that_nobody_has() -> None:
    rows = [row for row in ROWS if row.surface is Surface.SETTINGS and not row.name.startswith(OWN)]
    assert [row.name for row in rows if not any(row_of(Surface.SETTINGS, key) is row for key in KEYS)] == []


def test_what_is_shown_is_read_with_its_defaults() -> None:
    plain = presentation({}, {})
    assert (plain.anonymize_users, plain.replace_allowed, plain.resource_view_enabled) == (True, True, True)
    assert (dict(plain.help), plain.problems) == ({}, ())
    told = presentation(
        {
            "help.chatUrl": "https://chat.example",
            "help.download.linux-arm64": "https://get.example/arm",
            "ui.bannercontent": "hello",
            "ui.bannerpermanent": "true",
            "ui.view.resources.disabled": "true",
            "kustomize.path.v4": "/k4",
            "kustomize.version.v5": "/k5",
        },
        {"server.sync.replace.allowed": "false", "application.namespaces": "a,b"},
    )
    assert dict(told.help) == {
        "chatUrl": "https://chat.example",
        "chatText": "Chat now!",
        "binaryUrls": {"linux-arm64": "https://get.example/arm"},
    }
    assert (told.banner_content, told.banner_is_permanent, told.resource_view_enabled) == (
        "hello",
        True,
        False,
    )
    assert told.kustomize_versions == ("v4", "v5")
    assert (told.replace_allowed, told.apps_in_any_namespace) == (False, True)


def test_a_bad_value_is_its_default_and_named_by_its_key() -> None:
    told = presentation(
        {
            "ui.bannerposition": "left",
            "ui.bannerurl": "javascript:alert(1)",
            "statusbadge.url": "ftp://x",
            "kustomize.path.v5": "/a",
            "kustomize.version.v5": "/b",
        },
        {},
    )
    assert (told.banner_position, told.banner_url, told.badge_root_url) == ("", "", "")
    keys = [problem.split(": ")[1] for problem in told.problems]
    assert sorted(keys) == [
        "kustomize.version.v5",
        "statusbadge.url",
        "ui.bannerposition",
        "ui.bannerurl",
    ]


def test_overrides_of_kinds_are_shown_from_both_spellings() -> None:
    told = presentation(
        {
            "resource.customizations": (
                "apps/Deployment: {health.lua: x, ignoreDifferences: 'jsonPointers: [/a]'}"
            ),
            "resource.customizations.ignoreDifferences.all": "jqPathExpressions: [.b]",
            "resource.customizations.useOpenLibs.batch_Job": "true",
        },
        {},
    )
    assert told.overrides == {
        "apps/Deployment": {"health.lua": "x", "ignoreDifferences": {"jsonPointers": ["/a"]}},
        "*/*": {"ignoreDifferences": {"jqPathExpressions": [".b"], "jsonPointers": ["/status"]}},
        "batch/Job": {"health.lua.useOpenLibs": True},
    }


@pytest.mark.parametrize(
    ("option", "kinds"),
    [("all", ["*/*"]), ("crd", ["apiextensions.k8s.io/CustomResourceDefinition"]), ("none", [])],
)
def test_whose_status_is_not_compared_is_told(option: str, kinds: list[str]) -> None:
    told = presentation({"resource.compareoptions": f"ignoreResourceStatusField: {option}"}, {})
    assert list(told.overrides) == kinds
