import pytest

from fairlead.kube.errors import (
    ConflictError,
    KubeError,
    RequestTimeoutError,
    TooManyRequestsError,
    UnavailableError,
    UnreachableError,
)
from fairlead.kube.retry import RetryPolicy, with_retries

QUICK = RetryPolicy(attempts=4, first_wait=0.001, longest_wait=0.01)


class _Failing:
    def __init__(self, *errors: KubeError) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


async def test_transient_failures_of_an_idempotent_request_are_retried() -> None:
    send = _Failing(UnavailableError("503"), UnreachableError("reset"), UnavailableError("500"))
    assert await with_retries(send, idempotent=True, policy=QUICK) == "done"


async def test_attempts_are_bounded() -> None:
    send = _Failing(*(UnavailableError("503") for _ in range(10)))
    with pytest.raises(UnavailableError):
        await with_retries(send, idempotent=True, policy=QUICK)
    assert send.calls == 4


async def test_a_create_is_not_repeated_when_it_may_have_happened() -> None:
    for error in (UnreachableError("reset"), UnavailableError("500"), RequestTimeoutError("late")):
        send = _Failing(error)
        with pytest.raises(KubeError):
            await with_retries(send, idempotent=False, policy=QUICK)
        assert send.calls == 1


async def test_a_create_is_repeated_when_it_surely_did_not_happen() -> None:
    send = _Failing(UnreachableError("refused", sent=False), TooManyRequestsError("slow down"))
    assert await with_retries(send, idempotent=False, policy=QUICK) == "done"


async def test_a_longer_wait_than_ours_is_left_to_the_caller() -> None:
    send = _Failing(TooManyRequestsError("slow down", retry_after=60))
    with pytest.raises(TooManyRequestsError) as caught:
        await with_retries(send, idempotent=True, policy=QUICK)
    assert caught.value.retry_after == 60


async def test_what_is_not_transient_is_not_retried() -> None:
    send = _Failing(ConflictError("changed"))
    with pytest.raises(ConflictError):
        await with_retries(send, idempotent=True, policy=QUICK)
    assert send.calls == 1
