"""Keys that a control plane and its clients trust."""

from pathlib import Path

import msgspec
from cryptography import x509

from fairlead.local.kubeconfig import write_kubeconfig
from fairlead.local.pki import ensure_pki


def certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_the_server_is_trusted_by_the_name_clients_use(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    server = certificate(pki.server.certificate)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert addresses == {"127.0.0.1", "10.0.0.1"}
    assert "kubernetes.default.svc" in names.get_values_for_type(x509.DNSName)
    server.verify_directly_issued_by(certificate(pki.ca.certificate))


def test_keys_are_made_once_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    first = ensure_pki(tmp_path)
    text = first.ca.certificate.read_bytes()
    assert ensure_pki(tmp_path).ca.certificate.read_bytes() == text
    private = [first.ca.key, first.server.key, first.service_account_key]
    assert {file.stat().st_mode & 0o777 for file in private} == {0o600}


def test_keys_that_were_half_made_are_made_again(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    (tmp_path / "complete").unlink()
    pki.server.key.unlink()
    again = ensure_pki(tmp_path)
    certificate(again.server.certificate).verify_directly_issued_by(certificate(again.ca.certificate))
    assert again.server.key.exists()


def test_a_kubeconfig_carries_all_it_needs_and_is_private(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path / "pki")
    file = write_kubeconfig(
        tmp_path / "config", url="https://127.0.0.1:1", ca=pki.ca.certificate, client=pki.clients["admin"]
    )
    config = msgspec.json.decode(file.read_bytes())
    assert config["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:1"
    assert str(tmp_path) not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
