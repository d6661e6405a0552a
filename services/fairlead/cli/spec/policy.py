"""The flags for destination, project and sync policy, and what they do to a spec."""

from fairlead.cli.client import Document
from fairlead.cli.command import Flag, Values, duration, many, number, switch, text
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.spec.places import place

OFF = ("", "none", "manual")
ON = ("automated", "automatic", "auto")
_RETRY = (
    "sync-retry-limit",
    "sync-retry-refresh",
    "sync-retry-backoff-duration",
    "sync-retry-backoff-max-duration",
    "sync-retry-backoff-factor",
)
_AUTOMATED = {"auto-prune": "prune", "self-heal": "selfHeal", "allow-empty": "allowEmpty"}

POLICY_FLAGS: tuple[Flag, ...] = (
    text("dest-server", "Cluster to deploy to, by address."),
    text("dest-name", "Cluster to deploy to, by name."),
    text("dest-namespace", "Namespace of objects that name none."),
    text("sync-policy", "Sync by itself or not.", choices=(*OFF[1:], *ON)),
    switch("auto-prune", "Delete objects that Git no longer has, when syncing by itself."),
    switch("self-heal", "Undo changes made to the cluster by hand, when syncing by itself."),
    switch("allow-empty", "Let a sync by itself delete everything."),
    many("sync-option", "Sync option, NAME=VALUE; `!NAME=VALUE` removes one."),
    number("sync-retry-limit", "How often a failed sync is tried again."),
    switch("sync-retry-refresh", "Look for a newer revision at each retry."),
    duration("sync-retry-backoff-duration", "Pause before the first retry.", default="5s"),
    duration("sync-retry-backoff-max-duration", "Longest pause.", default="3m0s"),
    number("sync-retry-backoff-factor", "By how much each pause is longer.", default=2),
    number("revision-history-limit", "How many deployments are kept.", default=10),
)
POLICY_NAMES = tuple(flag.name for flag in POLICY_FLAGS)


def apply_policy(spec: Document, values: Values) -> None:
    """Change what the flags name, except the project. Raises SettingsError, UsageError."""
    destination = spec.setdefault("destination", {})
    for flag, key in (("dest-server", "server"), ("dest-name", "name"), ("dest-namespace", "namespace")):
        if values.is_given(flag):
            place(destination, (key,), values.text(flag))
    if values.is_given("revision-history-limit"):
        spec["revisionHistoryLimit"] = values.number("revision-history-limit")
    policy = spec.setdefault("syncPolicy", {})
    _automation(policy, values)
    if values.is_given("sync-option"):
        place(policy, ("syncOptions",), _options(policy.get("syncOptions") or [], values.many("sync-option")))
    if values.any_given(_RETRY):
        _retry(policy, values)
    if not policy:
        del spec["syncPolicy"]


def _automation(policy: Document, values: Values) -> None:
    if values.is_given("sync-policy"):
        if values.text("sync-policy") in OFF:
            policy.pop("automated", None)
        else:
            automated = policy.setdefault("automated", {})
            automated.pop("enabled", None)
    for flag, key in _AUTOMATED.items():
        if not values.is_given(flag):
            continue
        if "automated" not in policy:
            raise SettingsError(
                f"Cannot set --{flag}: application not configured with automatic sync; "
                "add --sync-policy automated"
            )
        place(policy["automated"], (key,), values.switch(flag))


def _options(known: list[str], given: list[str]) -> list[str]:
    found = list(known)
    for option in given:
        if option.startswith("!"):
            found = [kept for kept in found if kept != option[1:]]
        elif "=" not in option:
            raise UsageError(f"a sync option is NAME=VALUE, not {option}")
        else:
            name = option.partition("=")[0]
            found = [kept for kept in found if kept.partition("=")[0] != name] + [option]
    return found


def _retry(policy: Document, values: Values) -> None:
    retry = policy.setdefault("retry", {})
    if values.is_given("sync-retry-limit"):
        limit = values.number("sync-retry-limit")
        if limit == 0:
            del policy["retry"]
            return
        retry["limit"] = limit
    place(retry, ("refresh",), values.switch("sync-retry-refresh") or retry.get("refresh"))
    backoff = retry.setdefault("backoff", {})
    for flag, key in (
        ("sync-retry-backoff-duration", "duration"),
        ("sync-retry-backoff-max-duration", "maxDuration"),
    ):
        if values.is_given(flag) or key not in backoff:
            backoff[key] = values.text(flag)
    if values.is_given("sync-retry-backoff-factor") or "factor" not in backoff:
        backoff["factor"] = values.number("sync-retry-backoff-factor")
