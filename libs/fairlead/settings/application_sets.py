"""What argocd-cmd-params-cm says to the applicationset-controller; read at its start (contract 11.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from fairlead.model.applicationset import ApplicationsSyncPolicy
from fairlead.settings.injected import laid_over, variables_of
from fairlead.settings.parameters import CONFIG_MAP
from fairlead.settings.reading import Reader

GROUP: Final = "applicationsetcontroller"
PREFIX: Final = "ARGOCD_APPLICATIONSET_CONTROLLER_"
KEYS: Final = (
    "applicationsetcontroller.allowed.scm.providers",
    "applicationsetcontroller.concurrent.reconciliations.max",
    "applicationsetcontroller.dryrun",
    "applicationsetcontroller.enable.git.submodule",
    "applicationsetcontroller.enable.github.api.metrics",
    "applicationsetcontroller.enable.new.git.file.globbing",
    "applicationsetcontroller.enable.policy.override",
    "applicationsetcontroller.enable.progressive.syncs",
    "applicationsetcontroller.enable.scm.providers",
    "applicationsetcontroller.enable.tokenref.strict.mode",
    "applicationsetcontroller.global.preserved.annotations",
    "applicationsetcontroller.global.preserved.labels",
    "applicationsetcontroller.namespaces",
    "applicationsetcontroller.policy",
    "applicationsetcontroller.requeue.after",
    "applicationsetcontroller.scm.root.ca.path",
    "applicationsetcontroller.status.max.resources.count",
    "applicationsetcontroller.webhook.parallelism.limit",
)
"""Those that mean something here."""
IRREGULAR: Final = {
    "ARGOCD_APPLICATION_NAMESPACES": "application.namespaces",
    f"{PREFIX}CONCURRENT_RECONCILIATIONS": f"{GROUP}.concurrent.reconciliations.max",
    f"{PREFIX}TOKENREF_STRICT_MODE": f"{GROUP}.enable.tokenref.strict.mode",
    f"{PREFIX}MAX_RESOURCES_STATUS_COUNT": f"{GROUP}.status.max.resources.count",
}
VARIABLES: Final = variables_of(KEYS, GROUP, PREFIX, IRREGULAR)


class ApplicationSetParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds. An empty `allowed_scm_providers` allows any address of a provider."""

    policy: ApplicationsSyncPolicy = ApplicationsSyncPolicy.SYNC
    allows_policy_override: bool = True
    concurrent_reconciliations: int = 10
    progressive_syncs: bool = False
    requeue_after: float = 180.0
    dry_run: bool = False
    namespaces: tuple[str, ...] = ()
    application_namespaces: tuple[str, ...] = ()
    scm_providers: bool = True
    allowed_scm_providers: tuple[str, ...] = ()
    scm_root_ca: str = ""
    strict_token_refs: bool = False
    new_git_file_globbing: bool = False
    submodules: bool = True
    preserved_annotations: tuple[str, ...] = ()
    preserved_labels: tuple[str, ...] = ()
    most_resources: int = 5000
    github_api_metrics: bool = False
    webhook_parallelism: int = 50
    problems: tuple[str, ...] = ()


def application_set_parameters(
    data: Mapping[str, str], environment: Mapping[str, str]
) -> ApplicationSetParameters:
    """Read the `data` of argocd-cmd-params-cm under the environment. Never raises; see `problems`."""
    read = Reader(CONFIG_MAP, laid_over(data, environment, VARIABLES))

    def key(name: str) -> str:
        return f"{GROUP}.{name}"

    return ApplicationSetParameters(
        policy=_policy(read, key("policy")),
        allows_policy_override=read.flag(key("enable.policy.override"), default=not read.text(key("policy"))),
        concurrent_reconciliations=max(1, read.integer(key("concurrent.reconciliations.max"), 10)),
        progressive_syncs=read.flag(key("enable.progressive.syncs")),
        requeue_after=read.duration(key("requeue.after"), 180.0),
        dry_run=read.flag(key("dryrun")),
        namespaces=read.words(key("namespaces")),
        application_namespaces=read.words("application.namespaces"),
        scm_providers=read.flag(key("enable.scm.providers"), default=True),
        allowed_scm_providers=read.words(key("allowed.scm.providers")),
        scm_root_ca=read.text(key("scm.root.ca.path")),
        strict_token_refs=read.flag(key("enable.tokenref.strict.mode")),
        new_git_file_globbing=read.flag(key("enable.new.git.file.globbing")),
        submodules=read.flag(key("enable.git.submodule"), default=True),
        preserved_annotations=read.words(key("global.preserved.annotations")),
        preserved_labels=read.words(key("global.preserved.labels")),
        most_resources=max(0, read.integer(key("status.max.resources.count"), 5000)),
        webhook_parallelism=max(1, read.integer(key("webhook.parallelism.limit"), 50)),
        github_api_metrics=read.flag(key("enable.github.api.metrics")),
        problems=tuple(read.problems),
    )


def _policy(read: Reader, key: str) -> ApplicationsSyncPolicy:
    """A word that is no policy permits the least: nothing is changed or deleted for a slip of the pen."""
    text = read.text(key, ApplicationsSyncPolicy.SYNC.value)
    if text in set(ApplicationsSyncPolicy):
        return ApplicationsSyncPolicy(text)
    read.complain(key, f"{text!r} is no policy; Applications are created only")
    return ApplicationsSyncPolicy.CREATE_ONLY
