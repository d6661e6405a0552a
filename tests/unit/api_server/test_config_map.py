"""Settings and secrets as they are read."""

import base64

import msgspec
import pytest

from fairlead.api_server.config_map import (
    ConfigMap,
    SecretObject,
    read_secret,
    read_settings,
    resolve,
)

OURS = {"app.kubernetes.io/part-of": "argocd"}


def test_a_config_map_without_our_label_is_invisible() -> None:
    data = {"users.session.duration": "1h"}
    assert read_settings(ConfigMap({}, data)).session_seconds == 86400
    assert read_settings(ConfigMap(OURS, data)).session_seconds == 3600


@pytest.mark.parametrize(
    ("text", "seconds"), [("2d", 172800), ("90s", 90), ("1h30m", 5400), ("0s", 86400), ("x", 86400)]
)
def test_a_session_lasts_as_long_as_is_written_or_a_day(text: str, seconds: int) -> None:
    assert read_settings(ConfigMap(OURS, {"users.session.duration": text})).session_seconds == seconds


@pytest.mark.parametrize(("text", "megabytes"), [("1", 1), ("0", 50), ("-1", 50), ("999999", 50), ("", 50)])
def test_the_payload_limit_cannot_be_switched_off(text: str, megabytes: int) -> None:
    assert read_settings(ConfigMap(OURS, {"webhook.maxPayloadSizeMB": text})).max_payload_mb == megabytes


def test_a_bad_value_is_named_by_its_key_and_cut() -> None:
    data = {
        "users.session.duration": "soon",
        "webhook.maxPayloadSizeMB": "9" * 5000,
        "application.resourceTrackingMethod": "guess",
        "additionalUrls": "[",
        "url": "https://cd.example",
    }
    problems = read_settings(ConfigMap(OURS, data)).problems
    assert sorted(problem.split(": ")[1] for problem in problems) == sorted(data.keys() - {"url"})
    assert all(len(problem) < 300 for problem in problems)


def test_a_reference_leads_to_its_value_or_stays_literal() -> None:
    others = {
        "hooks": SecretObject(name="hooks", labels=OURS, values={"k": " v\n"}),
        "foreign": SecretObject(name="foreign", labels={}, values={"k": "v"}),
    }
    assert resolve("$own", {"own": "x"}, others).reveal() == "x"
    assert resolve("$hooks:k", {}, others).reveal() == "v"
    assert resolve("$foreign:k", {}, others).reveal() == "$foreign:k"
    assert resolve("plain$text", {}, others).reveal() == "plain$text"


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("cluster", "token"),
        ("cluster", "config"),
        ("repository", "password"),
        ("repo-creds", "sshPrivateKey"),
        ("scm-creds", "x"),
    ],
)
def test_credentials_of_clusters_and_repositories_are_not_even_read(kind: str, key: str) -> None:
    metadata = {"name": "s", "labels": {"argocd.argoproj.io/secret-type": kind}}
    data = {key: base64.b64encode(b"canary").decode(), "name": base64.b64encode(b"shown").decode()}
    secret = read_secret(msgspec.json.encode({"metadata": metadata, "data": data}))
    assert secret.values["name"] == "shown"
    assert "canary" not in str(secret.values)


def test_of_a_clusters_config_only_what_is_no_credential_is_held() -> None:
    metadata = {
        "name": "c",
        "labels": {"argocd.argoproj.io/secret-type": "cluster"},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "canary", "team": "a"},
    }
    config = {
        "bearerToken": "canary",
        "tlsClientConfig": {"insecure": True, "serverName": "s", "keyData": "canary"},
        "proxyUrl": "http://me:canary@proxy:3128",
    }
    data = {"config": base64.b64encode(msgspec.json.encode(config)).decode()}
    secret = read_secret(msgspec.json.encode({"metadata": metadata, "data": data}))
    assert "canary" not in str((secret.values, secret.annotations))
    assert secret.annotations == {"team": "a"}
    assert msgspec.json.decode(secret.values["config"]) == {
        "tlsClientConfig": {"insecure": True, "serverName": "s"},
        "proxyUrl": "http://proxy:3128",
    }


def test_a_secret_is_decoded_and_never_printed() -> None:
    data = {"a": base64.b64encode(b"canary").decode(), "b": base64.b64encode(b"\xff").decode(), "c": "?"}
    secret = read_secret(msgspec.json.encode({"metadata": {"name": "argocd-secret"}, "data": data}))
    assert secret.values == {"a": "canary"}
    assert "canary" not in repr(secret)


@pytest.mark.parametrize(
    ("name", "labels", "is_read"),
    [
        ("argocd-secret", {}, True),
        ("fairlead-sessions", {}, True),
        ("argocd-server-tls", {}, True),
        ("hooks", OURS, True),
        ("hooks", {}, False),
        ("argocd-nats", OURS, False),
        ("fairlead-keys", OURS, False),
        ("sh.helm.release.v1.fairlead.v1", {}, False),
    ],
)
def test_only_what_settings_may_refer_to_is_held(name: str, labels: dict[str, str], is_read: bool) -> None:
    data = {"a": base64.b64encode(b"canary").decode()}
    secret = read_secret(msgspec.json.encode({"metadata": {"name": name, "labels": labels}, "data": data}))
    assert bool(secret.values) is is_read


def test_a_value_that_looks_like_a_reference_is_in_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert resolve("$hunter2-canary", {}, {}).reveal() == "$hunter2-canary"
    said = capsys.readouterr()
    assert "canary" not in said.out + said.err
