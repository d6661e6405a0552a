"""What is told of a program that made no credentials."""

from __future__ import annotations

import pytest

from fairlead.app_controller.destination.minted import _problem, _read
from fairlead.command import Ran
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.minting import Program


def test_no_part_of_a_value_is_told_that_begins_as_another_one() -> None:
    program = Program(command="login", env=(("USER", "deploy"), ("PASSWORD", "deploy-hush"), ("EMPTY", "")))
    said = _problem(Ran(code=1, complaint=b"deploy-hush is no password of deploy\n"), program)
    assert said == "ended with code 1: ++++++++ is no password of ++++++++"


@pytest.mark.parametrize("output", [b"", b"\xff", b'{"kind": "\xff"}', b"[" * 5000, b'{"x": ' + b"[" * 5000])
def test_what_is_no_credential_is_told_in_words(output: bytes) -> None:
    with pytest.raises(ConnectionConfigError, match="login printed no ExecCredential"):
        _read(output, Program(command="login"), "cluster https://c")
