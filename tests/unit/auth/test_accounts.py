"""Accounts as the ConfigMap and the Secret describe them."""

from datetime import UTC, datetime

import pytest

from fairlead.auth.accounts import Capability, read_accounts


def test_admin_is_always_there_and_may_log_in() -> None:
    admin = read_accounts({}, {})["admin"]
    assert (admin.enabled, admin.capabilities, admin.password_hash) == (True, (Capability.LOGIN,), None)


def test_capabilities_unknown_words_and_dotted_names_are_read_as_the_contract_says() -> None:
    accounts = read_accounts(
        {
            "accounts.ci": "apiKey, dance",
            "accounts.ci.enabled": "false",
            "accounts.admin": "apiKey",
            "accounts.a.b": "login",
        },
        {"accounts.ci.tokens": '[{"id": "x", "iat": 1}]', "admin.passwordMtime": "1970-01-01T00:01:00Z"},
    )
    assert sorted(accounts) == ["admin", "ci"]
    assert (accounts["ci"].enabled, accounts["ci"].capabilities) == (False, (Capability.API_KEY,))
    assert [token.id for token in accounts["ci"].tokens] == ["x"]
    assert accounts["admin"].capabilities == (Capability.LOGIN, Capability.API_KEY)
    assert accounts["admin"].password_changed == 60


def test_an_unreadable_list_of_tokens_is_an_account_without_tokens() -> None:
    assert read_accounts({"accounts.ci": "apiKey"}, {"accounts.ci.tokens": "{"})["ci"].tokens == ()


def test_an_account_does_not_print_its_hash() -> None:
    admin = read_accounts({}, {"admin.password": "$2a$10$canary"})["admin"]
    assert "canary" not in repr(admin)


@pytest.mark.parametrize("word", ["no", "off", "disabled", "yes", "on", "2", " true"])
def test_a_switch_that_cannot_be_read_disables_and_leaves_the_others_alone(word: str) -> None:
    config = {
        "accounts.ci": "login",
        "accounts.ci.enabled": word,
        "accounts.other": "login",
        "admin.enabled": word,
    }
    accounts = read_accounts(config, {})
    assert [accounts[name].enabled for name in ("admin", "ci", "other")] == [False, False, True]


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T00:00:00Z", "1764300000"])
def test_a_time_of_the_password_that_cannot_be_read_ends_the_sessions_from_before(time: str) -> None:
    before = int(datetime.now(UTC).timestamp())
    assert read_accounts({}, {"admin.passwordMtime": time})["admin"].password_changed >= before
    assert read_accounts({}, {})["admin"].password_changed == 0
