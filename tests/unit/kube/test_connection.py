import base64
import json
from pathlib import Path

import pytest
import yaml

from fairlead.kube.connection import Connection, from_cluster_secret, in_cluster, ssl_context
from fairlead.kube.credentials import Credentials
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.kubeconfig import from_kubeconfig


def _kubeconfig(folder: Path, user: dict[str, object], **cluster: object) -> Path:
    file = folder / "config"
    file.write_text(
        yaml.safe_dump(
            {
                "current-context": "here",
                "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team"}}],
                "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1/", **cluster}}],
                "users": [{"name": "u", "user": user}],
            }
        )
    )
    return file


def test_a_kubeconfig_gives_server_namespace_and_token(tmp_path: Path) -> None:
    found = from_kubeconfig(_kubeconfig(tmp_path, {"token": "t0ken"}))
    assert (found.server, found.namespace, found.token) == ("https://127.0.0.1:1", "team", "t0ken")


def test_files_named_in_a_kubeconfig_are_found_beside_it(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"the ca")
    file = _kubeconfig(tmp_path, {"tokenFile": "token"}, **{"certificate-authority": "ca.pem"})
    found = from_kubeconfig(file)
    assert found.ca == b"the ca"
    assert found.token_file == str(tmp_path / "token")


def test_a_missing_context_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectionConfigError, match="no context 'elsewhere'"):
        from_kubeconfig(_kubeconfig(tmp_path, {}), "elsewhere")


def test_a_file_that_is_no_kubeconfig_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("- just\n- a list\n")
    with pytest.raises(ConnectionConfigError, match="not a valid kubeconfig"):
        from_kubeconfig(file)


def test_a_credential_plugin_is_noted_but_not_run(tmp_path: Path) -> None:
    plugin = {"exec": {"command": str(tmp_path / "nothing"), "apiVersion": "client.authentication.k8s.io/v1"}}
    found = from_kubeconfig(_kubeconfig(tmp_path, plugin))
    assert found.plugin is not None
    assert found.token is None


async def test_a_credential_plugin_gives_the_token(tmp_path: Path) -> None:
    script = tmp_path / "plugin"
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "from-plugin"},
    }
    script.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    script.chmod(0o755)
    user: dict[str, object] = {
        "exec": {
            "command": str(script),
            "apiVersion": "client.authentication.k8s.io/v1",
            "interactiveMode": "Never",
        }
    }
    headers = await Credentials(from_kubeconfig(_kubeconfig(tmp_path, user))).headers()
    assert headers["Authorization"] == "Bearer from-plugin"


async def test_a_rotated_token_file_is_read_again_after_a_refusal(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")
    credentials = Credentials(Connection(server="https://x", token_file=str(file)))
    assert (await credentials.headers())["Authorization"] == "Bearer old"
    file.write_text("new\n")
    assert credentials.refresh()
    assert (await credentials.headers())["Authorization"] == "Bearer new"


async def test_every_impersonated_group_is_sent() -> None:
    connection = Connection(server="https://x", token="t").acting_as("system:serviceaccount:a:b", "g1", "g2")
    headers = await Credentials(connection).headers()
    assert headers["Impersonate-User"] == "system:serviceaccount:a:b"
    assert headers.getall("Impersonate-Group") == ["g1", "g2"]


def test_impersonating_nobody_is_refused_instead_of_ignored() -> None:
    with pytest.raises(ConnectionConfigError):
        Connection(server="https://x").acting_as("")


def test_a_connection_does_not_show_its_secrets() -> None:
    connection = Connection(server="https://x", token="hush", password="hush", client_key=b"hush")
    assert "hush" not in repr(connection)
    assert "hush" not in str(connection)


def test_the_service_account_of_a_pod_is_used(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("argocd\n")
    env = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"}
    found = in_cluster(tmp_path, env)
    assert (found.server, found.namespace) == ("https://[fd00::1]:6443", "argocd")
    with pytest.raises(ConnectionConfigError, match="not inside a cluster"):
        in_cluster(tmp_path, {})


def test_a_cluster_secret_gives_token_certificates_and_names() -> None:
    pem = base64.b64encode(b"-----PEM-----").decode()
    config = {
        "bearerToken": "t",
        "tlsClientConfig": {"insecure": False, "serverName": "api", "caData": pem},
        "disableCompression": True,
    }
    found = from_cluster_secret("https://c/", json.dumps(config).encode())
    assert (found.server, found.token, found.server_name) == ("https://c", "t", "api")
    assert found.ca == b"-----PEM-----"
    assert not found.compress


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"username": "a", "bearerToken": "b"}, "username and bearerToken exclude each other"),
        (
            {"bearerToken": "b", "execProviderConfig": {"command": "x"}},
            "bearerToken and execProviderConfig exclude each other",
        ),
        ({"password": "a"}, "a password needs a username"),
        ({"tlsClientConfig": {"certData": "YQ=="}}, "certData and keyData are of use only together"),
        ({"tlsClientConfig": {"insecure": True, "caData": "YQ=="}}, "caData cannot be there as well"),
        ({"awsAuthConfig": {"roleARN": "x"}}, "awsAuthConfig needs a clusterName"),
        ({"execProviderConfig": {"args": ["x"]}}, "execProviderConfig needs a command"),
        (
            {"execProviderConfig": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1alpha1"}},
            "apiVersion of execProviderConfig is one of",
        ),
    ],
)
def test_a_config_that_says_what_cannot_be_followed_is_refused(config: dict[str, object], words: str) -> None:
    with pytest.raises(ConnectionConfigError, match=words):
        from_cluster_secret("https://c", json.dumps(config).encode())


def test_broken_cluster_secrets_are_refused_without_showing_them() -> None:
    with pytest.raises(ConnectionConfigError) as caught:
        from_cluster_secret("https://c", b'{"bearerToken": "hush"')
    assert "hush" not in str(caught.value)
    with pytest.raises(ConnectionConfigError, match="caData is not base64"):
        from_cluster_secret("https://c", b'{"tlsClientConfig": {"caData": "%"}}')


def test_a_broken_certificate_is_refused() -> None:
    with pytest.raises(ConnectionConfigError, match="not valid PEM"):
        ssl_context(Connection(server="https://c", ca=b"nothing"))
