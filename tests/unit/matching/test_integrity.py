"""Which policy of a project is for which source."""

import json
from typing import Any

import pytest

from fairlead.matching.integrity import demanded, is_demanded
from fairlead.model.appproject import AppProjectSpec
from fairlead.model.decode import decode_app_project
from fairlead.model.source import Source
from fairlead.signatures import Keyring
from tests.signing import CosignKey, GpgKey

ALICE = GpgKey()
KEYRING = Keyring.of({**ALICE.entry, "cosign.release": CosignKey().pem})
REPO = "https://git.shop.example/team/web.git"


def spec(*policies: dict[str, Any], **fields: Any) -> AppProjectSpec:
    body = {"sourceIntegrity": {"git": {"policies": list(policies)}}} if policies else {}
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "shop"},
        "spec": {**body, **fields},
    }
    return decode_app_project(json.dumps(project).encode()).spec


def policy(*urls: str, mode: str = "head", keys: tuple[str, ...] = (ALICE.key_id,)) -> dict[str, Any]:
    return {"repos": [{"url": url} for url in urls], "gpg": {"mode": mode, "keys": list(keys)}}


def one(given: AppProjectSpec, url: str = REPO, **fields: Any) -> Any:
    [found] = demanded(given, [Source(repo_url=url, **fields)], KEYRING)
    return found


def test_a_project_without_policy_demands_nothing() -> None:
    assert one(spec()) is None


def test_a_policy_is_for_what_one_of_its_globs_names_and_none_of_its_exclusions() -> None:
    given = spec(
        policy("https://git.shop.example/*", "!https://git.shop.example/team/docs.git", mode="strict")
    )
    found = one(given)
    assert (found.mode, found.keys, found.problem) == (
        "strict",
        {ALICE.key_id: KEYRING.digest(ALICE.key_id)},
        "",
    )
    assert one(given, "https://git.shop.example/team/docs.git") is None
    assert one(given, "https://other.example/team/web.git") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://git.shop.example/team/web",
        "https://git.shop.example/team/web/",
        "HTTPS://GIT.shop.example/team/web.git",
        "https://somebody@git.shop.example/team/web.git",
        "https://somebody:else@git.shop.example/team/web.git",
    ],
)
def test_an_address_that_is_spelled_otherwise_does_not_escape_its_policy(url: str) -> None:
    assert one(spec(policy(REPO)), url) is not None


def test_a_glob_that_cannot_be_read_is_for_everything() -> None:
    assert one(spec(policy("https://[git"))) is not None
    assert one(spec(policy("*", "!https://[git"))) is not None


def test_two_policies_for_one_repository_are_a_mistake_with_the_contracts_words() -> None:
    found = one(spec(policy("*"), policy("https://git.shop.example/*", mode="none")))
    assert found.problem == f"multiple (2) git source integrity policies found for repo URL: {REPO}"


def test_mode_none_demands_nothing() -> None:
    assert one(spec(policy("*", mode="none"))) is None


def test_signature_keys_are_one_policy_for_all_and_nothing_beside_policies() -> None:
    keys = [{"keyID": ALICE.key_id}]
    found = one(spec(signatureKeys=keys), "https://other.example/x")
    assert (found.mode, list(found.keys)) == ("head", [ALICE.key_id])
    assert one(spec(policy(REPO), signatureKeys=keys), "https://other.example/x") is None


def test_keys_are_named_by_id_fingerprint_or_subkey_and_a_missing_one_is_said_by_an_empty_digest() -> None:
    found = one(spec(policy("*", keys=(f"0x{ALICE.signing_id.lower()}", "4AEE18F83AFDEB23"))))
    assert found.keys == {ALICE.signing_id: KEYRING.digest(ALICE.key_id), "4AEE18F83AFDEB23": ""}


def test_charts_and_artifacts_are_no_git_and_artifacts_have_keys_of_their_own() -> None:
    assert one(spec(policy("*")), "https://charts.example", chart="web") is None
    assert one(spec(policy("*")), "oci://registry.example/web") is None
    found = one(spec(policy("*", keys=(ALICE.key_id, "cosign.release"))), "oci://registry.example/web")
    assert list(found.keys) == ["cosign.release"]
    both = spec(policy("*", keys=("cosign.release",)))
    assert one(both, "registry.example/charts", chart="web").keys == found.keys
    assert one(both, "https://charts.example", chart="web") is None
    assert list(one(spec(policy("*", keys=(ALICE.key_id, "cosign.release")))).keys) == [ALICE.key_id]


def test_of_several_sources_each_problem_says_which() -> None:
    sources = [
        Source(repo_url=REPO, name="web"),
        Source(repo_url=REPO),
        Source(repo_url="https://o.example/x"),
    ]
    found = demanded(spec(policy("https://git.shop.example/*")), sources, KEYRING)
    assert [each.label if each else None for each in found] == ["source web: ", "source 2 of 3: ", None]
    assert is_demanded(spec(policy("*")), sources)
    assert not is_demanded(spec(), sources)
