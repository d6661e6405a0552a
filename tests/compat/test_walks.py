"""Every command that talks to a server, over both kinds of gRPC: exit codes, and the shape of the output."""

import pytest

from tests.compat import walks
from tests.compat.conftest import Session
from tests.compat.walk import walked


@pytest.mark.parametrize("walk", walks.WALKS)
async def test_a_walk_ends_as_it_does_with_the_original(walk: str, session: Session) -> None:
    wrong = await walked(session.terminal, walks.WALKS[walk], session.told)
    assert not wrong, "\n".join(wrong)


async def test_a_session_is_renewed_and_ended(session: Session) -> None:
    wrong = await walked(session.terminal, walks.OUT_AGAIN, session.told)
    words = ["login", session.told["server"], *session.told["flags"].split()]
    again = await session.terminal.run(
        [*words, "--username", "admin", "--password", session.told["password"]]
    )
    assert not wrong, "\n".join(wrong)
    assert again.code == 0, again


@pytest.mark.parametrize(
    ("flags", "stdin"),
    [(["--username", "admin", "--password", "wrong"], ""), (["--username", "nobody", "--password", "x"], "")],
)
async def test_a_wrong_password_is_refused_in_the_same_words(
    flags: list[str], stdin: str, session: Session
) -> None:
    other = {"ARGOCD_CONFIG_DIR": str(session.terminal.home / "other")}
    words = ["login", session.told["server"], *session.told["flags"].split(), *flags]
    ran = await session.terminal.run(words, stdin=stdin, **other)
    assert ran.code == 20
    assert "rpc error: code = Unauthenticated desc = Invalid username or password" in ran.err
