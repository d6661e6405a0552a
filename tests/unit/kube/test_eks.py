"""Tokens of EKS are signed as AWS says; AWS is asked for keys as this process' environment says."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairlead.kube.aws_keys import AwsKeys
from fairlead.kube.connection import from_cluster_secret
from fairlead.kube.eks import Keys, Signing, signature, token
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.minting import Aws, Minted, Program
from tests.integration.app_controller import clouds

NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
EXAMPLE = Keys(access="AKIDEXAMPLE", secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def test_a_request_is_signed_as_in_the_examples_of_aws() -> None:
    """`get-vanilla` of the test suite of Signature Version 4."""
    signing = Signing(keys=EXAMPLE, region="us-east-1", service="service", now=NOW)
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    empty = hashlib.sha256(b"").hexdigest()
    assert signature(signing, "GET\n/", {}, headers, empty) == (
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


@pytest.mark.parametrize("session", ["", "a/session+token="])
def test_a_token_asks_for_one_cluster_alone(session: str) -> None:
    keys = Keys(access="AKIDEXAMPLE", secret="hush", session=session)
    signing = Signing(keys=keys, region="eu-west-1", service="sts", now=NOW)
    made = token("blue", signing, "https://sts.eu-west-1.amazonaws.com/")
    assert "=" not in made
    assert clouds.is_token_of(made, "blue", "hush")
    assert not clouds.is_token_of(made, "green", "hush")
    assert not clouds.is_token_of(made, "blue", "another")
    assert "hush" not in repr(keys)


async def test_keys_come_from_where_the_environment_says(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = of-the-team\n")
    (tmp_path / "token").write_text("of the pod\n")
    async with clouds.sts() as sts:
        place = {"AWS_ENDPOINT_URL_STS": sts.url, "AWS_SHARED_CREDENTIALS_FILE": str(file)}
        own = {"AWS_ACCESS_KEY_ID": clouds.ACCESS, "AWS_SECRET_ACCESS_KEY": clouds.HIDDEN}
        pod = {"AWS_ROLE_ARN": "arn:pod", "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token")}
        for environment, aws, secret in (
            (own, Aws(cluster="blue"), clouds.HIDDEN),
            (own, Aws(cluster="blue", role="arn:other"), f"{clouds.HIDDEN}-role"),
            (own, Aws(cluster="blue", profile="team"), "of-the-team"),
            (pod, Aws(cluster="blue"), f"{clouds.HIDDEN}-role"),
        ):
            minted = await AwsKeys({**place, **environment}).minted(aws)
            assert clouds.is_token_of(minted.token, aws.cluster, secret), aws
        assert sts.roles == ["arn:other", "arn:pod"]
        for environment, aws, words in (
            (own, Aws(cluster="blue", profile="nobody"), "profile 'nobody' of .* holds no access key"),
            (own | {"AWS_SECRET_ACCESS_KEY": "wrong"}, Aws(cluster="blue", role="arn:x"), "answered 403"),
            ({"AWS_EC2_METADATA_DISABLED": "true"}, Aws(cluster="blue"), "neither keys nor a role"),
        ):
            with pytest.raises(ConnectionConfigError, match=words):
                await AwsKeys({**place, **environment}).minted(aws)


def test_the_program_that_argo_cd_ships_is_our_role_in_aws() -> None:
    config = (
        b'{"execProviderConfig": {"command": "argocd-k8s-auth", "apiVersion": '
        b'"client.authentication.k8s.io/v1beta1", '
        b'"args": ["aws", "--cluster-name", "blue", "--role-arn=arn:x"]}}'
    )
    assert from_cluster_secret("https://c", config).identity == Aws(cluster="blue", role="arn:x")
    other = config.replace(b'"aws"', b'"gcp"')
    assert isinstance(from_cluster_secret("https://c", other).identity, Program)


def test_what_is_minted_does_not_show_itself() -> None:
    assert "hush" not in repr(Minted(token="hush"))
    assert "hush" not in repr(Program(command="x", env=(("TOKEN", "hush"),), args=("hush",)))
