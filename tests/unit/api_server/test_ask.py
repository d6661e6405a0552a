"""What other processes refuse, as clients are told of it."""

from typing import Any

import pytest

from fairlead.api_server.ask import Ask
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.bus import RemoteError
from fairlead.rpc import controller, repo


class _Bus:
    def __init__(self, code: str) -> None:
        self._code = code

    async def request(self, *_: object, **__: object) -> bytes:
        raise RemoteError(self._code, "in its own words")


@pytest.mark.parametrize(
    ("remote", "code"),
    [
        ("Unavailable", 2),
        ("ResourceExhausted", 2),
        ("Unknown", 2),
        ("Canceled", 2),
        ("", 2),
        ("NotFound", 5),
        ("PermissionDenied", 7),
        ("FailedPrecondition", 9),
        ("DeadlineExceeded", 4),
        ("Internal", 13),
    ],
)
async def test_no_refusal_of_another_process_has_the_stock_command_try_again_at_once(
    remote: str, code: int
) -> None:
    nobody: Any = None
    bus: Any = _Bus(remote)
    ask = Ask(bus, nobody)
    questions = (
        ask.test(repo.TestRepository(repo_url="https://git.example/a.git", project="default")),
        ask.tree(0, controller.ApplicationQuery(namespace="argocd", name="app")),
    )
    for question in questions:
        with pytest.raises(RefusalError) as refused:
            await question
        assert (int(refused.value.code), refused.value.message) == (code, "in its own words")
