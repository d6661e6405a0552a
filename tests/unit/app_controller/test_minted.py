"""What is told of a program that made no credentials."""

from __future__ import annotations

from fairlead.app_controller.destination.minted import _problem
from fairlead.command import Ran
from fairlead.kube.minting import Program


def test_no_part_of_a_value_is_told_that_begins_as_another_one() -> None:
    program = Program(command="login", env=(("USER", "deploy"), ("PASSWORD", "deploy-hush"), ("EMPTY", "")))
    said = _problem(Ran(code=1, complaint=b"deploy-hush is no password of deploy\n"), program)
    assert said == "ended with code 1: ++++++++ is no password of ++++++++"
