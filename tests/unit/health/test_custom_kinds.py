"""The catalogue of custom kinds: each is there, and judges samples of what its controller writes."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from fairlead.health import Code, assess
from fairlead.health.custom import GLOBS, KINDS, TABLES, judge_of
from fairlead.health.kinds import RULES
from fairlead.manifest.identity import split_api_version

TESTS = Path(__file__).parents[2]
SAMPLES = TESTS / "golden" / "health_of_custom_kinds"
EXPECTED = TESTS / "contract" / "kinds_with_health.yaml"
CONDITION = re.compile(r"(?P<type>[^=]+)=(?P<status>\w+)(?: (?P<reason>[^:]*))?(?:: (?P<message>.*))?")
FIELDS = frozenset({"spec", "status", "metadata"})
ASKED = (Code.HEALTHY, Code.PROGRESSING, Code.DEGRADED)
Object = dict[str, Any]


class Sample(NamedTuple):
    """A live object in short: its fields or its status alone; conditions as `Type=Status Reason: message`."""

    api_version: str
    kind: str
    code: Code
    fields: Object

    @property
    def live(self) -> Object:
        fields = self.fields if FIELDS & self.fields.keys() else {"status": self.fields}
        metadata = {"name": "web", "namespace": "shop", "generation": 1} | fields.get("metadata", {})
        return {"apiVersion": self.api_version, "kind": self.kind, **spelled(fields), "metadata": metadata}


def spelled(value: Any, name: str = "") -> Any:
    """The value with its conditions written out."""
    if isinstance(value, dict):
        return {key: spelled(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [spelled(item, name) for item in value]
    if name == "conditions" and isinstance(value, str):
        found = CONDITION.fullmatch(value)
        assert found is not None, f"{value!r} is no condition"
        return {key: text for key, text in found.groupdict().items() if text}
    return value


def written() -> Iterator[tuple[str, str, Code, Any]]:
    """(apiVersion, kind, code, what stands there) of all files."""
    for file in sorted(SAMPLES.glob("*.yaml")):
        for named, codes in yaml.safe_load(file.read_text()).items():
            api_version, *kinds = named.split()
            for kind in kinds:
                for code, cases in codes.items():
                    yield api_version, kind, Code(code), cases


ALL = [
    Sample(api_version, kind, code, case)
    for api_version, kind, code, cases in written()
    if not isinstance(cases, str)
    for case in (cases if isinstance(cases, list) else [cases])
]
"""A text instead of cases says why there are none."""


def expected() -> Iterator[tuple[str, str]]:
    for group, kinds in yaml.safe_load(EXPECTED.read_text()).items():
        yield from ((group, kind) for kind in kinds.split())


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: f"{sample.kind}-{sample.code}")
def test_a_sample_is_judged_as_a_person_would(sample: Sample) -> None:
    found = assess(sample.live)
    assert found is not None
    assert found.status is sample.code, found.message
    if sample.code is Code.DEGRADED:
        assert found.message, "nobody is told why"


def test_every_kind_of_the_contract_is_judged() -> None:
    known = {(kind.group, kind.kind) for kind in RULES} | KINDS.keys()
    assert [named for named in expected() if not is_known(named, known)] == []


def is_known(named: tuple[str, str], known: set[tuple[str, str]]) -> bool:
    group, kind = named
    return named in known or judge_of(group.replace("*", "x"), kind.replace("*", "X")) is not None


def test_every_kind_of_the_contract_has_a_healthy_a_progressing_and_a_degraded_sample() -> None:
    have = {(split_api_version(version)[0], kind, code) for version, kind, code, _ in written()}
    built_in = {(kind.group, kind.kind) for kind in RULES}
    missing = [
        (group, kind, code.value)
        for group, kind in expected()
        if (group, kind) not in built_in
        for code in ASKED
        if not any(fnmatchcase(g, group) and fnmatchcase(k, kind) and c is code for g, k, c in have)
    ]
    assert missing == []


def test_no_kind_is_in_two_tables() -> None:
    named = [
        (group, kind)
        for table in TABLES
        for group, kinds in table.items()
        for names in kinds
        for kind in names.split()
    ]
    assert len(named) == len(set(named))
    assert not set(named) & {(kind.group, kind.kind) for kind in RULES}


def test_a_kind_in_no_table_has_no_health() -> None:
    assert judge_of("example.org", "Widget") is None
    assert judge_of("argoproj.io", "Application") is None
    assert assess({"apiVersion": "cert-manager.io/v1", "kind": "Widget", "metadata": {"name": "a"}}) is None


def test_a_status_about_an_earlier_spec_says_nothing_of_this_one() -> None:
    status = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]}
    store = {"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "metadata": {"generation": 2}}
    found = assess({**store, "status": status})
    assert found is not None
    assert found.status is Code.PROGRESSING
    found = assess({**store, "status": {**status, "observedGeneration": 2}})
    assert found is not None
    assert found.status is Code.HEALTHY


ODD: list[object] = [
    None,
    7,
    [],
    "x",
    {"conditions": 3},
    {"conditions": [None]},
    {"phase": []},
    {"statuses": 1, "racks": [1]},
]


@pytest.mark.parametrize("odd", ODD)
def test_a_status_of_the_wrong_shape_is_judged_without_raising(odd: object) -> None:
    for group, kind in KINDS:
        named = (group.replace("*", "x"), kind.replace("*", "Thing"))
        found = {
            "apiVersion": f"{named[0]}/v1",
            "kind": named[1],
            "metadata": odd,
            "spec": odd,
            "status": odd,
        }
        assess(found)


def test_wildcard_groups_judge_all_their_kinds_and_named_kinds_come_first() -> None:
    assert GLOBS == ("*.cnrm.cloud.google.com", "*.crossplane.io", "*.services.k8s.aws", "*.upbound.io")
    assert judge_of("sqs.aws.upbound.io", "Queue") is KINDS["*.upbound.io", "*"]
    assert judge_of("aws.upbound.io", "ProviderConfig") is KINDS["*.upbound.io", "ProviderConfig"]
    assert judge_of("pkg.crossplane.io", "Provider") is KINDS["pkg.crossplane.io", "Provider"]
