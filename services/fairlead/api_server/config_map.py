"""The keys of `argocd-cm` and `argocd-secret` that this service goes by (contract 11.1, 12.1).

The invariant: an unreadable value is the default, with a warning; it never stops the service.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from fairlead.api_server.kinds import (
    DEX_TLS_SECRET,
    ENDED_SESSIONS,
    INITIAL_ADMIN_SECRET,
    SECRET,
    TLS_SECRET,
)
from fairlead.api_server.repository_fields import CREDENTIALS_OF_REPOSITORIES, SHOWN_OF_REPOSITORIES
from fairlead.auth.passwords import DEFAULT_PATTERN
from fairlead.auth.sessions import LIFE
from fairlead.manifest.tracking import INSTANCE_LABEL, Method, Tracking
from fairlead.matching.inheritance import GlobalProject
from fairlead.matching.pauses import MAP_PREFIX, pause_of
from fairlead.matching.repository import without_password
from fairlead.rpc.waiting import Paused
from fairlead.secret import Secret
from fairlead.settings.global_projects import global_projects
from fairlead.settings.proxy_extensions import ProxyExtension, proxy_extensions
from fairlead.settings.reading import Reader, seconds_of, texts

log = structlog.get_logger(__name__)

DEFAULT_MAX_PAYLOAD_MB = 50
LARGEST_MAX_PAYLOAD_MB = 200
DEFAULT_MAX_POD_LOGS = 10
LARGEST_MAX_POD_LOGS = 100
"""Pods whose logs one stream may show, however much the setting says."""
INHERITANCE = "server.rbac.disableApplicationFineGrainedRBACInheritance"
PART_OF = "app.kubernetes.io/part-of"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""An annotation that holds the whole object, credentials and all."""
CONFIG = "config"
CREDENTIALS = "credentials"
"""The value, beside those of a repository's Secret, that says whether it has any: "true" or absent."""
SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - a label
OWN = frozenset({SECRET, INITIAL_ADMIN_SECRET, TLS_SECRET, DEX_TLS_SECRET, ENDED_SESSIONS})
"""Secrets that this service reads whole."""
BETWEEN_PROCESSES = frozenset(
    {"argocd-nats", "argocd-redis", "fairlead-nats", "fairlead-redis", "fairlead-keys"}
)
"""Passwords and keys of our processes; no reference of a setting leads to them."""
SHOWN_OF_CLUSTERS = frozenset(
    {"server", "name", "project", "namespaces", "clusterResources", "shard", CONFIG}
)
"""Fields that are kept; of `config` only what is no credential."""
_SHOWN_OF_CONFIG = ("awsAuthConfig", "proxyUrl", "disableCompression")
SHOWN = 40
"""Characters of a bad value that are told."""
LONGEST = 12
"""Digits of a number that are looked at."""
_DAYS = re.compile(r"(\d{1,6})d")
_REFERENCE = re.compile(r"\$(?:(?P<secret>[a-z0-9.-]+):)?(?P<key>[A-Za-z0-9._-]+)")


class ConfigMap(msgspec.Struct, frozen=True):
    """A ConfigMap's labels and values."""

    labels: dict[str, str]
    data: dict[str, str]


class SecretObject(msgspec.Struct, frozen=True, kw_only=True):
    """A Secret of the control plane's namespace, its values decoded. Never printed."""

    name: str
    labels: dict[str, str]
    values: dict[str, str]
    annotations: dict[str, str] = {}
    resource_version: str = ""

    def __repr__(self) -> str:
        return f"SecretObject(name={self.name!r})"


class _Metadata(msgspec.Struct, frozen=True):
    name: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    resource_version: str = msgspec.field(name="resourceVersion", default="")


class _Object(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    data: dict[str, str] | None = None


_OBJECT = msgspec.json.Decoder(_Object)


def read_config_map(raw: bytes) -> ConfigMap:
    """A ConfigMap of its bytes. Raises msgspec.DecodeError."""
    obj = _OBJECT.decode(raw)
    return ConfigMap(obj.metadata.labels or {}, obj.data or {})


def is_ours(config: ConfigMap | None) -> bool:
    """Whether a ConfigMap is labelled as Argo CD's; another one says nothing to us."""
    return config is not None and config.labels.get(PART_OF) == "argocd"


def read_secret(raw: bytes) -> SecretObject:
    """A Secret of its bytes. Raises msgspec.DecodeError.

    Left out are values that are no UTF-8 text, and whatever this service has no use for, so that it does not
    hold it: credentials of clusters and repositories, Secrets of others, and those between our own processes.
    """
    obj = _OBJECT.decode(raw)
    labels = obj.metadata.labels or {}
    kept = _kept(obj.metadata.name, labels)
    whole = obj.data or {}
    data = {key: value for key, value in whole.items() if kept is None or key in kept}
    decoded = {key: _text(value) for key, value in data.items()}
    values = {key: value for key, value in decoded.items() if value is not None}
    if kept is SHOWN_OF_CLUSTERS and CONFIG in values:
        values[CONFIG] = _without_credentials(values[CONFIG])
    elif kept is SHOWN_OF_REPOSITORIES and any(whole.get(key) for key in CREDENTIALS_OF_REPOSITORIES):
        values[CREDENTIALS] = "true"
    annotations = obj.metadata.annotations or {}
    return SecretObject(
        name=obj.metadata.name,
        labels=labels,
        values=values,
        annotations={key: value for key, value in annotations.items() if key != LAST_APPLIED},
        resource_version=obj.metadata.resource_version,
    )


def _without_credentials(config: str) -> str:
    """The part of a cluster's `config` that may be shown, as JSON; "" when it cannot be read."""
    try:
        given = msgspec.json.decode(config or "{}", type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return ""
    tls = given.get("tlsClientConfig")
    tls = tls if isinstance(tls, dict) else {}
    shown: dict[str, Any] = {
        "tlsClientConfig": {
            "insecure": tls.get("insecure") is True,
            **({"serverName": tls["serverName"]} if tls.get("serverName") else {}),
        }
    }
    shown |= {key: given[key] for key in _SHOWN_OF_CONFIG if given.get(key)}
    if isinstance(shown.get("proxyUrl"), str):
        shown["proxyUrl"] = without_password(shown["proxyUrl"])
    return msgspec.json.encode(shown).decode()


def _kept(name: str, labels: Mapping[str, str]) -> frozenset[str] | None:
    """Which keys of a Secret are read; None for all."""
    secret_type = labels.get(SECRET_TYPE, "")
    if not secret_type:
        is_referable = labels.get(PART_OF) == "argocd" and name not in BETWEEN_PROCESSES
        return None if name in OWN or is_referable else frozenset()
    return SHOWN_OF_CLUSTERS if secret_type == "cluster" else SHOWN_OF_REPOSITORIES  # noqa: S105 - a label's


def _text(encoded: str) -> str | None:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


class LoginSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `argocd-cm` says about single sign-on, its references not followed."""

    url: str = ""
    additional_urls: tuple[str, ...] = ()
    oidc_config: str = ""
    dex_config: str = ""
    dex_connector: str = ""
    is_provider_unverified: bool = False

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses we are known by."""
        return tuple(each.rstrip("/") for each in (self.url, *self.additional_urls) if each)


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `argocd-cm` says about this service."""

    url: str = ""
    login: LoginSettings = LoginSettings()
    session_seconds: int = LIFE
    password_pattern: str = DEFAULT_PATTERN
    max_payload_mb: int = DEFAULT_MAX_PAYLOAD_MB
    tracking: Tracking = Tracking()
    in_cluster_enabled: bool = True
    login_button_text: str = ""
    kustomize_build_options: str = ""
    status_badge_enabled: bool = False
    anonymous_enabled: bool = False
    has_rollback_right: bool = False
    needs_override_for_revision: bool = False
    global_projects: tuple[GlobalProject, ...] = ()
    inherits_fine_grained_rights: bool = False
    max_pod_logs: int = DEFAULT_MAX_POD_LOGS
    event_labels: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """Globs of the labels that Events take over, and of those they do not."""
    proxy_extensions: tuple[ProxyExtension, ...] = ()
    paused: Paused | None = None
    """A pause of everything, over or not."""
    masked_annotations: tuple[str, ...] = ()
    """Annotations whose values nobody is shown."""
    problems: tuple[str, ...] = ()
    """What is wrong with values, each named by its key."""


def read_settings(config: ConfigMap | None) -> ServerSettings:
    """The settings of a ConfigMap; one that is missing or not labelled as ours is empty."""
    if config is None or not is_ours(config):
        return ServerSettings()
    data = config.data
    reader = Reader("argocd-cm", data)
    found = ServerSettings(
        url=data.get("url", ""),
        login=_login(reader, data),
        session_seconds=_seconds(reader, "users.session.duration"),
        password_pattern=data.get("passwordPattern", "") or DEFAULT_PATTERN,
        max_payload_mb=_count(
            reader, "webhook.maxPayloadSizeMB", DEFAULT_MAX_PAYLOAD_MB, LARGEST_MAX_PAYLOAD_MB
        ),
        tracking=Tracking(
            method=_method(reader),
            label_key=data.get("application.instanceLabelKey", "") or INSTANCE_LABEL,
            installation_id=data.get("installationID", ""),
        ),
        in_cluster_enabled=data.get("cluster.inClusterEnabled", "true") == "true",
        login_button_text=data.get("ui.loginButtonText", ""),
        kustomize_build_options=data.get("kustomize.buildOptions", ""),
        status_badge_enabled=data.get("statusbadge.enabled", "") == "true",
        anonymous_enabled=data.get("users.anonymous.enabled", "") == "true",
        has_rollback_right=reader.flag("server.rbac.rollback.enforce.enable"),
        needs_override_for_revision=reader.switch("application.sync.requireOverridePrivilegeForRevisionSync"),
        global_projects=global_projects(reader),
        inherits_fine_grained_rights=not reader.flag(INHERITANCE, default=True),
        max_pod_logs=_count(reader, "server.maxPodLogsToRender", DEFAULT_MAX_POD_LOGS, LARGEST_MAX_POD_LOGS),
        event_labels=(
            reader.words("resource.includeEventLabelKeys"),
            reader.words("resource.excludeEventLabelKeys"),
        ),
        proxy_extensions=proxy_extensions(reader),
        paused=pause_of(data, "instance", prefix=MAP_PREFIX),
        masked_annotations=reader.words("resource.sensitive.mask.annotations"),
    )
    return msgspec.structs.replace(found, problems=tuple(reader.problems))


def _login(reader: Reader, data: Mapping[str, str]) -> LoginSettings:
    return LoginSettings(
        url=data.get("url", "").strip(),
        additional_urls=texts(reader.document("additionalUrls")),
        oidc_config=data.get("oidc.config", ""),
        dex_config=data.get("dex.config", ""),
        dex_connector=data.get("dex.auth.connectorId", ""),
        is_provider_unverified=data.get("oidc.tls.insecure.skip.verify", "") == "true",
    )


def resolve(text: str, own: Mapping[str, str], others: Mapping[str, SecretObject]) -> Secret:
    """A secret value, followed when it is a reference (`$key`, `$secret:key`); "" when it leads nowhere."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return Secret(text.strip())
    source = own
    if match["secret"]:
        other = others.get(match["secret"])
        source = other.values if other is not None and other.labels.get(PART_OF) == "argocd" else {}
    value = source.get(match["key"])
    if value is None:
        log.warning("api.secret.unresolved", reason="a value looks like a reference and leads nowhere")
        return Secret(text)
    return Secret(value.strip())


def _seconds(reader: Reader, key: str) -> int:
    text = reader.text(key)
    days = _DAYS.fullmatch(text)
    seconds = int(days[1]) * 86400 if days else seconds_of(text) if text else None
    if seconds is None or seconds < 1:
        if text:
            reader.complain(key, f"{text[:SHOWN]!r} is not a duration such as 12h or 7d")
        return LIFE
    return int(seconds)


def _count(reader: Reader, key: str, default: int, largest: int) -> int:
    text = reader.text(key)
    if not text.isdecimal() or not 0 < int(text[:LONGEST]) <= largest:
        if text:
            reader.complain(key, f"{text[:SHOWN]!r} is not a number from 1 to {largest}")
        return default
    return int(text)


def _method(reader: Reader) -> Method:
    key = "application.resourceTrackingMethod"
    text = reader.text(key)
    try:
        return Method(text or Method.ANNOTATION)
    except ValueError:
        reader.complain(key, f"{text[:SHOWN]!r} is unknown")
        return Method.ANNOTATION
