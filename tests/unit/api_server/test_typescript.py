"""The web UI's types are those of the API."""

import msgspec
import pytest

from fairlead.api_server.rest import openapi, typescript


def test_every_definition_is_there_once_and_all_that_it_names() -> None:
    said = msgspec.json.decode(openapi.document())
    text = typescript.written()
    names = [line.split()[2] for line in text.splitlines() if line.startswith("export ")]
    assert len(names) == len(set(names)) >= len(said["definitions"])
    assert {"Application", "ResourceNode", "ApplicationPage", "SearchApplicationsQuery"} <= set(names)
    assert "any" not in text.replace("/**", "").split(": ")
    assert "#/definitions" not in text


def test_what_may_be_left_out_is_optional_and_words_cannot_end_their_comment() -> None:
    schema = {
        "description": "ends */ here",
        "properties": {"a": {"type": "string"}, "b-c": {"type": "array", "items": {"enum": ["x", "y"]}}},
        "required": ["a"],
    }
    text = typescript._interface("One", schema, {})
    assert "  a: string;" in text
    assert "  'b-c'?: ('x' | 'y')[];" in text
    assert text.count("*/") == 1


def test_stale_types_fail_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typescript.main(["--check"]) == 0
    monkeypatch.setattr(typescript, "HEAD", "// otherwise\n")
    assert typescript.main(["--check"]) == 1
    assert "make generate" in capsys.readouterr().err
