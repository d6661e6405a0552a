"""Command lines are read as users of `argocd` write them."""

import pytest

from fairlead.cli.command import Values, many, number, switch, text
from fairlead.cli.command.parse import HelpRequestedError, Parser
from fairlead.cli.errors import UsageError

FLAGS = (
    text("output", "", short="o", default="wide", choices=("wide", "json")),
    switch("exit-code", "", default=True),
    switch("yes", "", short="y"),
    switch("wait", "", short="w"),
    number("timeout", "", default=7),
    many("resource", ""),
)


def read(*words: str) -> tuple[Values, list[str]]:
    parser = Parser(FLAGS)
    parser.read(list(words))
    return Values(FLAGS, parser.given), parser.arguments


def test_flags_may_stand_before_between_and_behind_arguments() -> None:
    values, arguments = read("-o", "json", "web", "--timeout", "3", "api", "--yes")
    assert arguments == ["web", "api"]
    assert (values.text("output"), values.number("timeout"), values.switch("yes")) == ("json", 3, True)


@pytest.mark.parametrize("words", [("-ojson",), ("-o=json",), ("--output=json",), ("--output", "json")])
def test_a_value_may_be_written_in_four_ways(words: tuple[str, ...]) -> None:
    assert read(*words)[0].text("output") == "json"


def test_a_switch_takes_a_value_only_after_an_equals_sign() -> None:
    values, arguments = read("--exit-code", "false")
    assert values.switch("exit-code")
    assert arguments == ["false"]
    assert not read("--exit-code=false")[0].switch("exit-code")


def test_short_switches_may_stand_together() -> None:
    values, _ = read("-yw")
    assert values.switch("yes")
    assert values.switch("wait")


def test_two_dashes_end_the_flags() -> None:
    assert read("--", "--yes", "-o")[1] == ["--yes", "-o"]


def test_a_flag_that_may_be_repeated_keeps_every_value() -> None:
    assert read("--resource", "a", "--resource=b,c")[0].many("resource") == ["a", "b,c"]


def test_what_was_not_given_has_its_default_and_says_so() -> None:
    values, _ = read()
    assert (values.text("output"), values.number("timeout")) == ("wide", 7)
    assert not values.is_given("timeout")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--nope",), "unknown flag: --nope"),
        (("-z",), "unknown shorthand flag: 'z' in -z"),
        (("--output",), "flag needs an argument: --output"),
        (("-o",), "flag needs an argument: 'o' in -o"),
        (("--timeout", "soon"), 'for "--timeout" flag: strconv.ParseInt: parsing "soon": invalid syntax'),
        (("--yes=perhaps",), 'for "-y, --yes" flag: strconv.ParseBool: parsing "perhaps": invalid'),
        (("-o", "xml"), 'invalid argument "xml" for "-o, --output" flag: must be one of wide, json'),
    ],
)
def test_nonsense_is_refused_with_the_flag_that_is_meant(words: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint.replace("(", r"\(")):
        read(*words)


def test_help_may_be_asked_for_anywhere() -> None:
    with pytest.raises(HelpRequestedError):
        read("web", "--help")


@pytest.mark.parametrize(
    ("text", "number"),
    [("10", 10), ("-1", -1), ("+5", 5), ("0x1f", 31), ("017", 15), ("1_000", 1000), ("0", 0)],
)
def test_a_number_may_be_written_as_go_reads_it(text: str, number: int) -> None:
    assert read(f"--timeout={text}")[0].number("timeout") == number


@pytest.mark.parametrize("text", ["", "1.5", "08", "1e3", "\u0663", "0x"])
def test_what_go_does_not_read_as_a_number_is_none(text: str) -> None:
    with pytest.raises(UsageError, match="invalid syntax"):
        read(f"--timeout={text}")
