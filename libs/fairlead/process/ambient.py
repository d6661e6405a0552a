"""Who the process itself is in a cloud: what Azure's webhook and the one of AWS put into a pod."""

from fairlead.identities.aws import Role
from fairlead.identities.azure import HOSTS, WorkloadIdentity
from fairlead.identities.identities import Ambient
from fairlead.process.flags import Environment


def ambient_of(env: Environment, hosts: str) -> Ambient:
    """Read the variables; `hosts`, with commas, are shown tokens of Azure beside its own."""
    return Ambient(
        azure=WorkloadIdentity(
            client_id=env.variable("AZURE_CLIENT_ID"),
            tenant_id=env.variable("AZURE_TENANT_ID"),
            token_file=env.variable("AZURE_FEDERATED_TOKEN_FILE"),
            authority=env.variable("AZURE_AUTHORITY_HOST"),
            hosts=(*HOSTS, *filter(None, (host.strip().lower() for host in hosts.split(",")))),
        ),
        aws=Role(
            arn=env.variable("AWS_ROLE_ARN"),
            token_file=env.variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
        ),
    )
