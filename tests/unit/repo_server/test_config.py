"""What the environment and the flags of a repo-server make of its configuration."""

from fairlead.outbound.proxies import Proxies
from fairlead.process.flags import Environment
from fairlead.repo_server.config import read_config


def test_proxies_and_identities_come_from_the_environment_as_programs_in_pods_read_them() -> None:
    variables = {
        "HTTPS_PROXY": "http://proxy.corp:3128",
        "no_proxy": "git.corp",
        "AZURE_CLIENT_ID": "client",
        "AZURE_TENANT_ID": "tenant",
        "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/token",
        "AZURE_AUTHORITY_HOST": "https://login.example/",
        "AWS_ROLE_ARN": "arn",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/aws/token",
        "FAIRLEAD_AZURE_IDENTITY_HOSTS": ".Registry.corp, git.corp",
    }
    config = read_config([], Environment(variables))
    assert config.proxies == Proxies(https="http://proxy.corp:3128", no_proxy="git.corp")
    azure = config.ambient.azure
    assert (azure.client_id, azure.tenant_id, azure.authority) == (
        "client",
        "tenant",
        "https://login.example/",
    )
    assert azure.hosts[-2:] == (".registry.corp", "git.corp")
    assert "dev.azure.com" in azure.hosts
    assert config.ambient.aws.arn == "arn"


def test_without_them_there_are_none() -> None:
    config = read_config([], Environment({}))
    assert config.proxies == Proxies()
    assert (config.ambient.azure.client_id, config.ambient.aws.arn) == ("", "")
