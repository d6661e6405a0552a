"""Variables after a build: as Flux has them, but that nothing becomes empty by accident, and secrets stay."""

from typing import Any

import pytest

from fairlead.manifest.substitute import SubstitutionError, Variables, substituted

KNOWN = Variables(
    values={"REGION": "eu", "N": "3", "ON": "true", "EMPTY": "", "TOKEN": "canary"},
    secret=frozenset({"TOKEN"}),
)


def config(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, **fields}


def secret(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, **fields}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("${REGION}", "eu"),
        ("a-${REGION}-${N}", "a-eu-3"),
        ("$REGION", "$REGION"),
        ("$${REGION}", "${REGION}"),
        ("${NONE:=x-${REGION}}", None),
        ("${NONE:=west}", "west"),
        ("${NONE:-west}", "west"),
        ("${NONE=west}", "west"),
        ("${NONE:=}", ""),
        ("${EMPTY:=west}", "west"),
        ("${EMPTY=west}", ""),
        ("${EMPTY}", ""),
        ("{{ x }} $ {a}", "{{ x }} $ {a}"),
    ],
)
def test_a_text_is_what_flux_makes_of_it(text: str, found: str | None) -> None:
    if found is None:
        assert substituted(config(spec={"a": text}), KNOWN)["spec"]["a"].startswith("$")
        return
    assert substituted(config(data={"a": text}), KNOWN)["data"] == {"a": found}


def test_a_whole_value_is_a_number_or_a_truth_where_texts_are_not_wanted() -> None:
    spec = {"replicas": "${N}", "on": "${ON}", "name": "x${N}", "env": [{"name": "N", "value": "${N}"}]}
    found = substituted(config(spec=spec, data={"n": "${N}"}), KNOWN)
    assert found["spec"] == {"replicas": 3, "on": True, "name": "x3", "env": [{"name": "N", "value": "3"}]}
    assert found["data"] == {"n": "3"}
    marks = {"labels": {"n": "${N}"}, "annotations": {"${REGION}/x": "${ON}"}, "name": "c"}
    assert substituted(config(metadata=marks), KNOWN)["metadata"] == {
        "labels": {"n": "3"},
        "annotations": {"eu/x": "true"},
        "name": "c",
    }


@pytest.mark.parametrize(
    "text", ["${NONE}", "${REGION:0:1}", "${REGION^^}", "${REGION##*/}", "${}", "${a b}"]
)
def test_what_has_no_value_or_is_no_known_form_is_an_error(text: str) -> None:
    with pytest.raises(SubstitutionError):
        substituted(config(data={"a": text}), KNOWN)


def test_a_secret_stands_in_the_data_of_secrets_alone() -> None:
    assert substituted(secret(stringData={"t": "x${TOKEN}"}), KNOWN)["stringData"] == {"t": "xcanary"}
    for document in (
        config(data={"t": "${TOKEN}"}),
        config(data={"${TOKEN}": "x"}),
        secret(metadata={"name": "s", "annotations": {"t": "${TOKEN}"}}),
        secret(stringData={"${TOKEN}": "x"}),
        {**secret(data={"t": "${TOKEN}"}), "apiVersion": "example.com/v1"},
    ):
        with pytest.raises(SubstitutionError, match="TOKEN comes from a Secret") as caught:
            substituted(document, KNOWN)
        assert "canary" not in str(caught.value)
    keyed = {**secret(stringData={"t": "${TOKEN}"}), "${K}": "ConfigMap"}
    known = Variables(values={"K": "kind", "TOKEN": "canary"}, secret=frozenset({"TOKEN"}))
    assert substituted(keyed, known)["kind"] == "Secret"
    assert "canary" not in repr(known)


@pytest.mark.parametrize("name", ["fairlead.dev/substitute", "kustomize.toolkit.fluxcd.io/substitute"])
@pytest.mark.parametrize("marks", ["labels", "annotations"])
def test_an_object_may_say_that_nothing_is_replaced_in_it(name: str, marks: str) -> None:
    document = config(metadata={"name": "c", marks: {name: "disabled"}}, data={"a": "${NONE} ${N}"})
    assert substituted(document, KNOWN) == document


def test_a_text_does_not_grow_beyond_its_bound() -> None:
    large = Variables(values={"A": "x" * 10_000})
    with pytest.raises(SubstitutionError, match="longer than"):
        substituted(config(data={"a": "${A}" * 200}), large)
