"""Names that tenants choose do not make metrics without end."""

from fairlead.notifications.counts import OTHERS, PROBLEMS, Names, forget


def test_of_tenants_only_so_many_names_are_counted_by_themselves() -> None:
    names = Names(most=2)
    names.control = "argocd"
    assert names.of("team", "on-deployed", "slack") == ("on-deployed", "slack")
    assert names.of("other", "on-deployed", "x-1") == ("on-deployed", OTHERS)
    assert names.of("argocd", "on-failed", "mail") == ("on-failed", "mail"), "the operator's all are"
    assert names.of("team", "on-failed") == (OTHERS,)


def test_what_is_gone_has_no_problems() -> None:
    PROBLEMS.labels("gone-team").set(3)
    forget("gone-team")
    forget("gone-team")
    assert ("gone-team",) not in PROBLEMS._metrics
