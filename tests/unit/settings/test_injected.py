"""What argocd-cmd-params-cm and Argo CD's variables say to the processes of sets and of notifications."""

import msgspec
import pytest

from fairlead.model.applicationset import ApplicationsSyncPolicy
from fairlead.settings import application_sets, notifications
from fairlead.settings.application_sets import ApplicationSetParameters, application_set_parameters
from fairlead.settings.effects import Surface, row_of
from fairlead.settings.notifications import NotificationsParameters, notifications_parameters

SETS = "applicationsetcontroller"
VARIABLE = "ARGOCD_APPLICATIONSET_CONTROLLER"


def test_nothing_said_is_the_defaults_of_the_contract() -> None:
    assert application_set_parameters({}, {}) == ApplicationSetParameters()
    assert notifications_parameters({}, {}) == NotificationsParameters()


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("ARGOCD_APPLICATION_NAMESPACES", "a, b-*", "application_namespaces", ("a", "b-*")),
        (f"{VARIABLE}_CONCURRENT_RECONCILIATIONS", "3", "concurrent_reconciliations", 3),
        (f"{VARIABLE}_TOKENREF_STRICT_MODE", "true", "strict_token_refs", True),
        (f"{VARIABLE}_MAX_RESOURCES_STATUS_COUNT", "7", "most_resources", 7),
        (f"{VARIABLE}_POLICY", "create-only", "policy", ApplicationsSyncPolicy.CREATE_ONLY),
        (f"{VARIABLE}_REQUEUE_AFTER", "90s", "requeue_after", 90.0),
        (f"{VARIABLE}_ENABLE_PROGRESSIVE_SYNCS", "1", "progressive_syncs", True),
        (f"{VARIABLE}_GLOBAL_PRESERVED_LABELS", "team,env", "preserved_labels", ("team", "env")),
    ],
)
def test_a_variable_stands_over_the_key(variable: str, text: str, field: str, value: object) -> None:
    key = application_sets.VARIABLES[variable]
    by_key = application_set_parameters({key: text}, {})
    assert getattr(by_key, field) == value
    assert application_set_parameters({}, {variable: text}) == by_key
    assert application_set_parameters({key: "0"}, {variable: text}) == by_key
    assert application_set_parameters({key: text}, {variable: ""}) == by_key


@pytest.mark.parametrize(
    "variable",
    [
        "ARGOCD_NOTIFICATION_CONTROLLER_SELF_SERVICE_NOTIFICATION_ENABLED",
        "ARGOCD_NOTIFICATION_CONTROLLER_SELFSERVICE_ENABLED",
    ],
)
def test_self_service_is_switched_on_by_either_name(variable: str) -> None:
    assert notifications_parameters({}, {variable: "true"}).self_service


def test_a_policy_is_overridden_by_sets_unless_an_operator_gave_one_and_did_not_say_so() -> None:
    given = {f"{SETS}.policy": "create-update"}
    assert application_set_parameters({}, {}).allows_policy_override
    assert not application_set_parameters(given, {}).allows_policy_override
    assert application_set_parameters(
        {**given, f"{SETS}.enable.policy.override": "true"}, {}
    ).allows_policy_override


def test_a_policy_that_is_none_permits_the_least_and_is_named() -> None:
    found = application_set_parameters({f"{SETS}.policy": "synch"}, {})
    assert found.policy is ApplicationsSyncPolicy.CREATE_ONLY
    assert "'synch' is no policy" in found.problems[0]


def test_every_key_that_means_something_has_a_row_of_its_own() -> None:
    for key in (*application_sets.KEYS, *notifications.KEYS):
        row = row_of(Surface.PARAMETERS, key)
        assert row is not None
        assert row.name == key


def test_every_parameter_is_said_by_some_key() -> None:
    """Each field differs from its default for some value of some key."""
    texts = ("7", "true", "false", "create-only", "x")
    found = {
        field
        for key in (*application_sets.KEYS, "application.namespaces")
        for text in texts
        for field, value in msgspec.structs.asdict(application_set_parameters({key: text}, {})).items()
        if value != getattr(ApplicationSetParameters(), field)
    }
    assert found == {field.name for field in msgspec.structs.fields(ApplicationSetParameters)}
