"""What every key, option and annotation that is accepted does here: it acts, acts in part, or not yet.

Why: what is accepted and does nothing has to say so aloud: in a condition of the application that uses it, in
the log for a setting, and in `docs/settings.md`, which is made from this table. Invariant: a name in no row
is one that we do not know, and that is said as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from fairlead.matching.pauses import MAP_PREFIX

GUARD: Final = ("share", "objects", "kinds")
SUBSCRIPTIONS: Final = (
    "notifications.argoproj.io/subscribe.*",
    "notifications.argoproj.io/subscriptions",
    "*recipients.argocd-notifications.argoproj.io",
)


class Surface(StrEnum):
    """Where a name is written."""

    SETTINGS = "argocd-cm"
    PARAMETERS = "argocd-cmd-params-cm"
    SYNC_OPTION = "sync options"
    APP_ANNOTATION = "annotations of an Application"
    OBJECT_ANNOTATION = "annotations of managed objects"
    PROJECT = "AppProject.spec"
    PROJECT_ANNOTATION = "annotations of an AppProject"


class Effect(StrEnum):
    """What comes of it."""

    ACTS = "acts"
    PARTLY = "acts in part"
    NONE = "no effect yet"
    REFUSED = "refused"


class Row(NamedTuple):
    """One name, which may hold `*`; `note` says what is missing, or how it is meant here."""

    surface: Surface
    name: str
    effect: Effect
    note: str = ""


def _rows(surface: Surface, effect: Effect, *names: str, note: str = "") -> Iterator[Row]:
    return (Row(surface, name, effect, note) for name in names)


def _settings() -> Iterator[Row]:
    at = Surface.SETTINGS
    yield from _rows(
        at,
        Effect.ACTS,
        "accounts.*",
        "admin.enabled",
        "application.instanceLabelKey",
        "application.links",
        "application.resourceTrackingMethod",
        "application.sync.impersonation.enabled",
        "application.sync.impersonation.enforced",
        "application.sync.requireOverridePrivilegeForRevisionSync",
        "cluster.inClusterEnabled",
        "dex.auth.connectorId",
        "dex.config",
        "exec.*",
        "globalProjects",
        "installationID",
        "oidc.tls.insecure.skip.verify",
        "passwordPattern",
        "project.links",
        "resource.compareoptions",
        "resource.customizations.ignoreDifferences.*",
        "resource.excludeEventLabelKeys",
        "resource.exclusions",
        "resource.includeEventLabelKeys",
        "resource.inclusions",
        "resource.links",
        "resource.respectRBAC",
        "resource.selectors",
        "resource.customLabels",
        "resource.sensitive.mask.annotations",
        "application.allowedNodeLabels",
        "statusbadge.enabled",
        "server.maxPodLogsToRender",
        "server.rbac.disableApplicationFineGrainedRBACInheritance",
        "server.rbac.rollback.enforce.enable",
        "timeout.hard.reconciliation",
        "timeout.reconciliation",
        "timeout.reconciliation.jitter",
        "ui.loginButtonText",
        "url",
        "users.anonymous.enabled",
        "users.session.duration",
        "webhook.maxPayloadSizeMB",
    )
    yield Row(at, "resource.customizations", Effect.ACTS)
    yield Row(at, "resource.customizations.health.*", Effect.ACTS, "one version of an object is judged once")
    yield Row(at, "resource.customizations.useOpenLibs.*", Effect.ACTS)
    yield Row(at, "resource.customizations.actions.*", Effect.ACTS)
    known = "quantities, durations, and the structs that hold quantities"
    yield Row(at, "resource.customizations.knownTypeFields.*", Effect.ACTS, known)
    updates = "of tracked objects, and of others by their annotation"
    yield Row(at, "resource.customizations.ignoreResourceUpdates.*", Effect.ACTS, updates)
    yield Row(at, "resource.ignoreResourceUpdatesEnabled", Effect.ACTS)
    programs = "programs that a kustomization names are not run, so flags that would let it have no effect"
    yield from _rows(at, Effect.ACTS, "kustomize.buildOptions", "kustomize.buildOptions.*", note=programs)
    yield from _rows(
        at,
        Effect.ACTS,
        "kustomize.path.*",
        "kustomize.version.*",
        note="an absolute path on the repo-servers' disks",
    )
    yield from _rows(at, Effect.ACTS, "helm.enable", "helm.valuesFileSchemes", "kustomize.enable")
    yield Row(at, "jsonnet.enable", Effect.ACTS, "off, files of Jsonnet are left out")
    yield Row(
        at,
        "oidc.config",
        Effect.PARTLY,
        "azure does not act yet",
    )
    guard = "when a prune waits to be confirmed (docs/guard.md)"
    yield from _rows(at, Effect.ACTS, *(f"fairlead.prune-guard.{name}" for name in GUARD), note=guard)
    yield Row(at, f"{MAP_PREFIX}*", Effect.ACTS, "a pause of everything (docs/pausing.md)")
    previews = ("repositories", "interval", "applications")
    note = "previews of pull requests: docs/previews.md"
    yield from _rows(at, Effect.ACTS, *(f"fairlead.preview.{name}" for name in previews), note=note)
    yield from _rows(
        at, Effect.ACTS, "ga.*", "help.*", "ui.*", "statusbadge.url", "additionalUrls", note="told to clients"
    )
    proxies = "with server.enable.proxy.extension of argocd-cmd-params-cm (docs/extensions.md)"
    yield Row(at, "extension.config*", Effect.ACTS, proxies)
    yield from _rows(
        at,
        Effect.NONE,
        "configManagementPlugins",
        "resource.manifest.*",
        "webhook.refresh.*",
    )
    yield from _rows(
        at,
        Effect.ACTS,
        "commit.author.email",
        "commit.author.name",
        "sourceHydrator.commitMessageTemplate",
        "sourceHydrator.readmeMessageTemplate",
        note="docs/hydrator.md",
    )


def _parameters() -> Iterator[Row]:
    at = Surface.PARAMETERS
    yield from _rows(
        at,
        Effect.ACTS,
        "application.namespaces",
        "controller.kubectl.parallelism.limit",
        "controller.metrics.application.conditions",
        "controller.metrics.application.labels",
        "controller.metrics.cache.expiration",
        "controller.metrics.cluster.labels",
        "controller.operation.processors",
        "controller.repo.error.grace.period.seconds",
        "controller.self.heal.backoff.cap.seconds",
        "controller.self.heal.backoff.factor",
        "controller.self.heal.backoff.timeout.seconds",
        "controller.self.heal.timeout.seconds",
        "controller.status.processors",
        "controller.sync.attempt.timeout.seconds",
        "controller.sync.hook.timeout.seconds",
        "controller.sync.newest.commit.wins",
        "controller.sync.timeout.seconds",
        "controller.sync.wait.timeout.seconds",
        "controller.sync.wave.delay.seconds",
        "server.dex.server",
        "server.dex.server.plaintext",
        "server.dex.server.strict.tls",
        "server.disable.auth",
        "server.disable.swagger.ui",
        "server.enable.gzip",
        "server.enable.proxy.extension",
        "server.basehref",
        "server.content.security.policy",
        "server.rootpath",
        "server.staticassets",
        "server.sync.replace.allowed",
        "server.tls.ciphers",
        "server.tls.maxversion",
        "server.tls.minversion",
        "server.x.frame.options",
    )
    hydrator = "the app-controller reads it at its start; the commit server has to run (docs/hydrator.md)"
    yield Row(at, "hydrator.enabled", Effect.ACTS, hydrator)
    branches = "branches that are hydrated at once"
    yield Row(at, "controller.hydration.processors", Effect.ACTS, branches)
    yield from _rows(
        at,
        Effect.ACTS,
        "reposerver.enable.git.submodule",
        "reposerver.helm.manifest.max.extracted.size",
        "reposerver.helm.user.agent",
        "reposerver.include.hidden.directories",
        "reposerver.disable.helm.manifest.max.extracted.size",
        "reposerver.max.combined.directory.manifests.size",
        "reposerver.oci.layer.media.types",
        "reposerver.oci.manifest.max.extracted.size",
        "reposerver.disable.oci.manifest.max.extracted.size",
        "reposerver.parallelism.limit",
        "reposerver.plugin.tar.exclusions",
        "reposerver.plugin.use.manifest.generate.paths",
        note="followed without a restart",
    )
    sent = "what a client sends is bounded by 6 MiB, and by 64 MiB unpacked"
    yield from _rows(
        at,
        Effect.NONE,
        "reposerver.streamed.manifest.max.extracted.size",
        "reposerver.streamed.manifest.max.tar.size",
        note=sent,
    )
    inside = "what leaves the repository is refused always"
    yield Row(at, "reposerver.allow.oob.symlinks", Effect.NONE, inside)
    several = "of one controller on one machine, each with clusters of its own; 1 unless said (docs/scale.md)"
    yield Row(at, "controller.processes", Effect.ACTS, several)
    server = "without it the API server is asked only where memory cannot prove that nothing differs"
    yield Row(at, "controller.diff.server.side", Effect.ACTS, server)
    yield Row(at, "controller.ignore.normalizer.jq.timeout", Effect.ACTS, "for each expression and object")
    yield from _of_application_sets()
    yield from _of_notifications()
    yield from _of_commit_server()
    shared = "clusters are shared out among the controllers that hold a Lease (docs/clusters.md)"
    yield Row(at, "controller.sharding.algorithm", Effect.NONE, shared)
    yield Row(at, "controller.resource.health.persist", Effect.NONE, "health is in the resource tree only")
    redis = "`redis.external` of the chart, or REDIS_* of the environment (docs/high-availability.md)"
    names = ("redis.server", "redis.sentinel.hosts", "redis.sentinel.master", "redis.db")
    yield from _rows(at, Effect.NONE, *names, note=redis)
    yield Row(
        at, "*", Effect.NONE, "given by the flags and the environment of each service, where it has one"
    )


def _of_application_sets() -> Iterator[Row]:
    at, group = Surface.PARAMETERS, "applicationsetcontroller"
    yield from _rows(
        at,
        Effect.ACTS,
        f"{group}.allowed.scm.providers",
        f"{group}.concurrent.reconciliations.max",
        f"{group}.dryrun",
        f"{group}.enable.git.submodule",
        f"{group}.enable.github.api.metrics",
        f"{group}.enable.new.git.file.globbing",
        f"{group}.enable.policy.override",
        f"{group}.enable.progressive.syncs",
        f"{group}.enable.scm.providers",
        f"{group}.enable.tokenref.strict.mode",
        f"{group}.global.preserved.annotations",
        f"{group}.global.preserved.labels",
        f"{group}.namespaces",
        f"{group}.policy",
        f"{group}.requeue.after",
        f"{group}.scm.root.ca.path",
        f"{group}.status.max.resources.count",
        f"{group}.webhook.parallelism.limit",
        note="read when the applicationset-controller starts (docs/applicationsets.md)",
    )
    leases = "replicas that hold a Lease share the work out, however many there are"
    yield Row(at, f"{group}.enable.leader.election", Effect.NONE, leases)
    yield Row(at, f"{group}.debug", Effect.NONE, "the level of the log is `logLevel` of the chart")
    yield Row(
        at, f"{group}.wq.*", Effect.NONE, "a set that fails waits longer each time, at most its requeue"
    )
    yield Row(at, f"{group}.repo.server.*", Effect.NONE, "repo-servers are asked over NATS")


def _of_commit_server() -> Iterator[Row]:
    at, group = Surface.PARAMETERS, "commitserver"
    names = (f"{group}.signing.key.path", f"{group}.signing.key.passphrase.file")
    yield from _rows(at, Effect.ACTS, *names, note="read when the commit server starts (docs/hydrator.md)")
    asked = "it is asked over NATS"
    for name in (f"{group}.listen.address", f"{group}.grpc.*", "commit.server"):
        yield Row(at, name, Effect.NONE, asked)
    yield Row(at, f"{group}.metrics.listen.address", Effect.NONE, "metrics are at port 8087 of its pods")
    yield Row(at, f"{group}.log.*", Effect.NONE, "the level of the log is `logLevel` of the chart")


def _of_notifications() -> Iterator[Row]:
    at, group = Surface.PARAMETERS, "notificationscontroller"
    names = (f"{group}.processors.count", f"{group}.selfservice.enabled")
    yield from _rows(at, Effect.ACTS, *names, note="docs/notifications.md")
    yield Row(at, f"{group}.repo.server.*", Effect.NONE, "repo-servers are asked over NATS")


def _options() -> Iterator[Row]:
    yield from _rows(
        Surface.SYNC_OPTION,
        Effect.ACTS,
        "ApplyOutOfSyncOnly=*",
        "ClientSideApplyMigration=*",
        "CreateNamespace=*",
        "Delete=*",
        "FailOnSharedResource=*",
        "Force=*",
        "NewestCommitWins=*",
        "GuardPrune=*",
        "IgnoreDependencies=*",
        "Prune=*",
        "PruneLast=*",
        "PrunePropagationPolicy=*",
        "Replace=*",
        "RespectIgnoreDifferences=*",
        "SkipDryRunOnMissingResource=*",
        "Validate=*",
    )
    yield Row(
        Surface.SYNC_OPTION, "ServerSideApply=*", Effect.ACTS, "every apply is one; it sets the wording only"
    )


def _app_annotations() -> Iterator[Row]:
    at = Surface.APP_ANNOTATION
    yield Row(at, "fairlead.dev/depends-on", Effect.ACTS, "docs/dependencies.md")
    yield Row(at, "fairlead.dev/paused-*", Effect.ACTS, "docs/pausing.md")
    yield Row(at, "fairlead.dev/pinned-*", Effect.ACTS, "docs/pausing.md")
    own = "argocd.argoproj.io/"
    yield from _rows(
        at,
        Effect.ACTS,
        f"{own}client-side-apply-migration-manager",
        f"{own}deletion-approved",
        f"{own}refresh",
        f"{own}refresh-timestamp",
        f"{own}skip-reconcile",
    )
    server_side = "ServerSideDiff and IncludeMutationWebhook, which an object may say of itself too"
    yield Row(at, f"{own}compare-options", Effect.ACTS, server_side)
    paths = "what a render reads is known exactly, so no paths have to be declared"
    yield Row(at, f"{own}manifest-generate-paths", Effect.ACTS, paths)
    hydrate = "with spec.sourceHydrator, while hydrator.enabled is true (docs/hydrator.md)"
    yield Row(at, f"{own}hydrate*", Effect.ACTS, hydrate)
    subscribed = "who hears of the application (docs/notifications.md)"
    yield from _rows(at, Effect.ACTS, *SUBSCRIPTIONS, note=subscribed)
    yield Row(at, "pref.argocd.argoproj.io/*", Effect.ACTS)
    yield Row(at, "notice.argocd.argoproj.io/*", Effect.ACTS)
    yield Row(at, f"{own}managed-by-url", Effect.ACTS, "a link in the web UI; `managedByURL` in links")


def _object_annotations() -> Iterator[Row]:
    at = Surface.OBJECT_ANNOTATION
    own = "argocd.argoproj.io/"
    yield from _rows(
        at,
        Effect.ACTS,
        f"{own}compare-options",
        f"{own}hook",
        f"{own}hook-delete-policy",
        f"{own}ignore-differences",
        f"{own}ignore-healthcheck",
        f"{own}ignore-default-links",
        f"{own}installation-id",
        f"{own}sync-options",
        f"{own}sync-wave",
        f"{own}tracking-id",
        "helm.sh/*",
        "link.argocd.argoproj.io/*",
    )
    never = "what carries no mark never causes a comparison, with it or without it"
    yield Row(at, f"{own}ignore-resource-updates", Effect.ACTS, never)


def _project() -> Iterator[Row]:
    at = Surface.PROJECT
    yield from _rows(
        at,
        Effect.ACTS,
        "clusterResourceBlacklist",
        "clusterResourceWhitelist",
        "description",
        "destinationServiceAccounts",
        "destinations",
        "namespaceResourceBlacklist",
        "namespaceResourceWhitelist",
        "permitOnlyProjectScopedClusters",
        "signatureKeys",
        "sourceIntegrity",
        "sourceNamespaces",
        "sourceRepos",
        "syncWindows",
    )
    yield Row(at, "roles", Effect.ACTS)
    yield Row(at, "orphanedResources", Effect.ACTS)


def _project_annotations() -> Iterator[Row]:
    at, names = Surface.PROJECT_ANNOTATION, (f"fairlead.dev/prune-guard-{name}" for name in GUARD)
    yield from _rows(at, Effect.ACTS, *names, note="over argocd-cm (docs/guard.md)")
    yield Row(
        at,
        "fairlead.dev/dependents",
        Effect.ACTS,
        "whose applications may wait for its (docs/dependencies.md)",
    )
    yield Row(at, "fairlead.dev/paused-*", Effect.ACTS, "docs/pausing.md")
    heard = "who hears of its applications (docs/notifications.md)"
    yield from _rows(at, Effect.ACTS, *SUBSCRIPTIONS, note=heard)


ROWS: Final = (
    *_settings(),
    *_parameters(),
    *_options(),
    *_app_annotations(),
    *_object_annotations(),
    *_project(),
    *_project_annotations(),
)


def row_of(surface: Surface, name: str) -> Row | None:
    """The first row that a name falls under; None for a name that nobody knows."""
    return next((row for row in ROWS if row.surface is surface and fnmatchcase(name, row.name)), None)


def without_effect(surface: Surface, names: Iterable[str]) -> Iterator[str]:
    """A sentence for each of these names that does not act as it is documented."""
    for name in sorted(names):
        row = row_of(surface, name)
        if row is None:
            yield f"{name} is not known and has no effect"
        elif row.effect is Effect.NONE:
            yield f"{name} has no effect yet" + (f": {row.note}" if row.note else "")
        elif row.effect is Effect.PARTLY:
            yield f"{name} acts in part: {row.note}"
