"""Documents of YAML that others wrote."""

import pytest
import yaml

from fairlead.manifest.yaml_document import document
from fairlead.repo_server.rendering.contents import MAX_PARAMETER_BYTES, _parameters
from fairlead.settings.reading import Reader

DEEP = ("[" * 200_000, "- " * 200_000 + "a", "{a: " * 200_000)


def bomb(line: str) -> str:
    """Thirty levels, each twice the one before."""
    return "a0: &a0 {k: v}\n" + "".join(
        f"a{n}: &a{n} {line.format(before=f'*a{n - 1}')}\n" for n in range(1, 31)
    )


def test_a_document_is_what_it_says() -> None:
    assert document("a: &x [1, two]\nb: *x\nc: {<<: {d: null}}") == {
        "a": [1, "two"],
        "b": [1, "two"],
        "c": {"d": None},
    }
    assert document("") is None


@pytest.mark.parametrize("text", DEEP)
def test_a_deep_document_is_refused_and_ends_nobody(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="nested deeper than 100 levels"):
        document(text)
    reader = Reader("argocd-cm", {"key": text})
    assert reader.document("key") is None
    assert "nested deeper" in reader.problems[0]


@pytest.mark.parametrize("line", ["[{before}, {before}]", "{{<<: [{before}, {before}]}}"])
def test_aliases_make_no_more_than_a_document_may_hold(line: str) -> None:
    with pytest.raises(yaml.YAMLError, match="with its aliases"):
        document(bomb(line))
    with pytest.raises(yaml.YAMLError, match="stands for nothing"):
        document("a: &a [*a]")


def test_values_of_a_chart_are_told_as_far_as_an_answer_goes() -> None:
    text = f"a: &a {'x' * 1000}\nb: [{', '.join(['*a'] * 5000)}]"
    found = _parameters([text, "[" * 100_000, bomb("[{before}, {before}]")])
    assert 0 < sum(len(name) + len(value) for name, value in found) <= MAX_PARAMETER_BYTES
    assert dict(found)["b[0]"] == "x" * 1000
