"""Which health script of argocd-cm judges a kind."""

from fairlead.settings import controller_settings
from fairlead.settings.health import HealthRule, health_rule

SPLIT = {
    "resource.customizations.health.example.org_Widget": "return 'exact'",
    "resource.customizations.health.ConfigMap": "return 'core'",
    "resource.customizations.useOpenLibs.example.org_Widget": "true",
}
COMBINED = {
    "resource.customizations": """
"*.example.org/*":
  health.lua: return 'wild'
  health.lua.useOpenLibs: true
deep.example.org/Gadget:
  health.lua: return 'named'
other.org/Empty:
  health.lua: ""
"""
}


def rule_of(data: dict[str, str], group: str, kind: str) -> HealthRule | None:
    settings = controller_settings(data)
    return health_rule(settings.health_scripts, settings.open_libs, group, kind)


def test_a_kind_is_judged_by_the_script_that_names_it() -> None:
    found = rule_of(SPLIT, "example.org", "Widget")
    assert found == HealthRule(script="return 'exact'", is_open=True)
    assert rule_of(SPLIT, "", "ConfigMap") == HealthRule(script="return 'core'")
    assert rule_of(SPLIT, "example.org", "Gadget") is None


def test_a_script_that_names_a_kind_comes_before_one_that_matches_it() -> None:
    assert rule_of(COMBINED, "deep.example.org", "Widget") == HealthRule(script="return 'wild'", is_open=True)
    found = rule_of(COMBINED, "deep.example.org", "Gadget")
    assert found is not None
    assert found.script == "return 'named'"
    assert rule_of(COMBINED, "example.org", "Widget") is None
    assert rule_of(COMBINED, "other.org", "Empty") is None


def test_all_kinds_may_have_one_script() -> None:
    data = {"resource.customizations.health.all": "return 'all'"}
    assert rule_of(data, "apps", "Deployment") == HealthRule(script="return 'all'")
    assert rule_of(data, "", "Pod") == HealthRule(script="return 'all'")


def test_another_script_or_other_libraries_are_another_rule() -> None:
    rules = (HealthRule(script="a"), HealthRule(script="b"), HealthRule(script="a", is_open=True))
    assert len({rule.digest for rule in rules}) == 3
