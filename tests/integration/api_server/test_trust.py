"""Certificates, known hosts, public keys and the names of notifications, in the ConfigMaps of Argo CD."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fairlead.api_server.kinds import CONFIG_MAPS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door
from tests.integration.api_server.test_projects import asked, refused

CERTIFICATES, KEYS = "/api/v1/certificates", "/api/v1/gpgkeys"
KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
OTHER = "AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf"
TWO_KEYS = (Path(__file__).parents[2] / "unit" / "openpgp" / "two_keys.asc").read_text()
ANN = "830ECC4B9624B028"


def certificate(name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def entry(host: str, kind: str, data: str, sub: str = "") -> dict[str, str]:
    encoded = base64.b64encode(data.encode()).decode()
    return {"serverName": host, "certType": kind, "certSubType": sub, "certData": encoded}


async def values(kube: KubeClient, name: str) -> dict[str, str]:
    raw = msgspec.json.decode(await kube.get(CONFIG_MAPS, name, NAMESPACE))
    assert raw["metadata"]["labels"]["app.kubernetes.io/part-of"] == "argocd"
    return dict(raw.get("data") or {})


async def test_certificates_and_known_hosts_are_added_listed_and_taken_away(
    door: Door, kube: KubeClient
) -> None:
    pem = certificate("git.example.com")
    tls, host = entry("git.example.com", "https", pem), entry("git.example.com", "ssh", KEY, "ssh-ed25519")
    written = await asked(door, "POST", CERTIFICATES, {"items": [tls, host]})
    assert [item["certType"] for item in written["items"]] == ["ssh", "https"]  # type: ignore[attr-defined]
    assert await values(kube, "argocd-tls-certs-cm") == {"git.example.com": pem}
    known = await values(kube, "argocd-ssh-known-hosts-cm")
    assert known == {"ssh_known_hosts": f"git.example.com ssh-ed25519 {KEY}\n"}
    assert (await asked(door, "GET", CERTIFICATES))["items"] == [
        {
            "serverName": "git.example.com",
            "certType": "ssh",
            "certSubType": "ssh-ed25519",
            "certInfo": "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
        },
        {
            "serverName": "git.example.com",
            "certType": "https",
            "certSubType": "ecdsa",
            "certInfo": "CN=git.example.com",
        },
    ]
    again = await asked(door, "POST", CERTIFICATES, {"items": [tls, host]})
    assert again["items"] == [], "what is there already is not written"
    changed = {"items": [entry("git.example.com", "ssh", OTHER, "ssh-ed25519")]}
    words = "key for 'git.example.com' (subtype: 'ssh-ed25519') already exists, and upsert was not specified"
    assert await refused(door, "POST", CERTIFICATES, changed) == (2, words)
    status, _ = await door.ask("POST", CERTIFICATES, changed, upsert="true")
    assert status == 200
    assert OTHER in (await values(kube, "argocd-ssh-known-hosts-cm"))["ssh_known_hosts"]
    words = "TLS certificate for server 'git.example.com' already exists, and upsert was not specified"
    other = {"items": [entry("git.example.com", "https", certificate("other"))]}
    assert await refused(door, "POST", CERTIFICATES, other) == (2, words)
    gone = await asked(door, "DELETE", CERTIFICATES, hostNamePattern="git.*", certType="ssh")
    assert [item["certType"] for item in gone["items"]] == ["ssh"]  # type: ignore[attr-defined]
    await asked(door, "DELETE", CERTIFICATES, hostNamePattern="git.example.com")
    assert (await asked(door, "GET", CERTIFICATES))["items"] == []


async def test_what_would_make_no_certificate_is_refused(door: Door) -> None:
    for item, words in (
        (entry("h", "ftp", "x"), "unknown certificate type: ftp"),
        (entry("a/../b", "https", "x"), "invalid hostname in request: a/../b"),
        (entry("h", "https", "x"), "no valid PEM certificate was sent for server 'h'"),
        (
            entry("h", "ssh", KEY, "ssh-rsa"),
            "the data for 'h' is no SSH host key of type 'ssh-rsa'",
        ),
        (entry("h\nx", "ssh", KEY, "ssh-ed25519"), "invalid hostname in request: h\nx"),
    ):
        assert await refused(door, "POST", CERTIFICATES, {"items": [item]}) == (2, words)


async def test_public_keys_are_added_listed_and_taken_away(door: Door, kube: KubeClient) -> None:
    added = await asked(door, "POST", KEYS, {"keyData": TWO_KEYS})
    assert [key["keyID"] for key in added["created"]["items"]] == [ANN, "F553745EF22FC04A"]  # type: ignore[index]
    assert sorted(await values(kube, "argocd-gpg-keys-cm")) == [ANN, "F553745EF22FC04A"]
    again = await asked(door, "POST", KEYS, {"keyData": TWO_KEYS})
    assert again["skipped"] == [ANN, "F553745EF22FC04A"]
    listed = (await asked(door, "GET", KEYS))["items"]
    assert listed[0] == {  # type: ignore[index]
        "keyID": ANN,
        "fingerprint": "D8F3802B4868085A60D98000830ECC4B9624B028",
        "owner": "Ann Example <ann@example.com>",
        "trust": "ultimate",
        "subType": "ed25519",
    }
    got = await asked(door, "GET", f"{KEYS}/{ANN}")
    assert str(got["keyData"]).startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    assert await asked(door, "DELETE", KEYS, keyID=ANN) == {}
    assert await refused(door, "GET", f"{KEYS}/{ANN}") == (5, f"No such key: {ANN}")
    assert await refused(door, "GET", f"{KEYS}/nonsense") == (3, "KeyID is malformed or empty")
    assert await refused(door, "POST", KEYS, {"keyData": " "}) == (3, "Submitted key data is empty")
    private = TWO_KEYS.replace("PUBLIC", "PRIVATE")
    code, _ = await refused(door, "POST", KEYS, {"keyData": private})
    assert code == 3
    await asked(door, "DELETE", KEYS, keyID="E9AC6236BDD71BBFEA038905F553745EF22FC04A")


async def test_notifications_are_named_as_they_are_configured(door: Door, kube: KubeClient) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-notifications-cm",
            "labels": {"app.kubernetes.io/part-of": "argocd"},
        },
        "data": {
            "service.slack": "token: $slack",
            "service.webhook.github": "url: x",
            "service.a.b.c": "x",
            "template.app-sync": "message: x",
            "trigger.on-sync": "[]",
            "context": "a: b",
        },
    }
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    path = "/api/v1/notifications"
    while not (found := (await asked(door, "GET", f"{path}/services"))["items"]):
        pass
    assert found == [{"name": "github"}, {"name": "slack"}]
    assert await asked(door, "GET", f"{path}/triggers") == {"items": [{"name": "on-sync"}]}
    assert await asked(door, "GET", f"{path}/templates") == {"items": [{"name": "app-sync"}]}
    await kube.delete(CONFIG_MAPS, "argocd-notifications-cm", NAMESPACE)
