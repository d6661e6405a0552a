"""Which keys are made, kept and made anew."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from fairlead.bus.topology import GRANTS
from fairlead.keys import certificates
from fairlead.keys.wanted import missing, names

HOSTS = {"nats": ("argocd-nats", "argocd-nats.argocd.svc"), "redis": ("argocd-redis",)}


def test_a_new_installation_gets_every_key() -> None:
    assert set(missing({}, HOSTS)) == set(names())


def test_every_user_of_nats_has_a_password() -> None:
    assert {f"nats-{grant.service}" for grant in GRANTS} <= set(names())


def test_what_is_there_is_kept() -> None:
    assert missing(missing({}, HOSTS), HOSTS) == {}


def test_a_service_that_is_new_gets_its_password_and_nobody_else_another() -> None:
    known = missing({}, HOSTS)
    del known["nats-api-server"]
    assert set(missing(known, HOSTS)) == {"nats-api-server"}


def test_an_empty_entry_counts_as_missing() -> None:
    known = missing({}, HOSTS)
    known["redis-password"] = b""
    assert set(missing(known, HOSTS)) == {"redis-password"}


@pytest.mark.parametrize("change", ["nats.crt", "redis.key", "ca.crt"])
def test_certificates_of_which_one_is_broken_are_all_made_anew(change: str) -> None:
    known = missing({}, HOSTS)
    known[change] = b"broken"
    assert set(missing(known, HOSTS)) == {"ca.crt", "nats.crt", "nats.key", "redis.crt", "redis.key"}


def test_a_host_that_is_new_or_an_end_that_is_near_makes_certificates_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = missing({}, HOSTS)
    assert "ca.crt" in missing(known, {**HOSTS, "redis": ("argocd-redis", "cache.example")})
    monkeypatch.setattr(certificates, "RENEW", certificates.LIFE + timedelta(days=1))
    assert "ca.crt" in missing(known, HOSTS)


def test_an_authority_that_was_replaced_is_trusted_beside_the_new_one_and_none_before_it() -> None:
    known = missing({}, HOSTS)
    hosts = {**HOSTS, "redis": ("argocd-redis", "cache.example")}
    known |= (second := missing(known, hosts))
    assert second["ca.crt"].count(b"BEGIN CERTIFICATE") == 2
    assert missing(known, hosts) == {}
    del known["nats.crt"]
    assert missing(known, hosts)["ca.crt"].count(b"BEGIN CERTIFICATE") == 2


def test_servers_of_nats_are_also_each_others_clients() -> None:
    known = missing({}, HOSTS)
    for name, uses in (("nats", 2), ("redis", 1)):
        certificate = x509.load_pem_x509_certificate(known[f"{name}.crt"])
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        assert len(extension.value) == uses


def test_a_client_with_the_authority_takes_the_servers_certificate(tmp_path: Path) -> None:
    known = missing({}, HOSTS)
    for name, value in known.items():
        (tmp_path / name).write_bytes(value)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "nats.crt", tmp_path / "nats.key")
    client = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    assert _handshake(server, client, "argocd-nats") == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(server, client, "argocd-redis")


def _handshake(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str | None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname=host)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return here.version()
