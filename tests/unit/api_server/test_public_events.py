"""An event that cannot be read is nobody's, and ends nothing for those who follow the others."""

import msgspec
import pytest

from fairlead.api_server.public_events import read
from fairlead.bus.follow import Followed

SUBJECT = "fairlead.v1.app.argocd.web.synced"
TIME = "2026-01-02T03:04:05Z"


def followed(subject: str = SUBJECT, time: str = TIME) -> Followed:
    head = {"id": "1", "type": "fairlead.v1.app.synced", "time": time}
    return Followed(subject=subject, payload=msgspec.json.encode(head), sequence=1, remaining=0)


def test_an_event_says_what_it_is_about_and_when_it_happened() -> None:
    event = read(followed())
    assert event is not None
    assert (event.namespace, event.name, event.kind, event.at) == ("argocd", "web", "app.synced", 1767323045)


@pytest.mark.parametrize(
    "found",
    [
        followed(subject="fairlead.v1.app.=FF.web.synced"),
        followed(subject="fairlead.v1.app.argocd.w\u20acb.synced"),
        followed(subject="fairlead.v1.audit.ApplicationService.Sync"),
        followed(time="yesterday"),
        followed(time="0001-01-01T00:00:00"),
        Followed(subject=SUBJECT, payload=b"{", sequence=1, remaining=0),
    ],
)
def test_what_cannot_be_read_is_no_event(found: Followed) -> None:
    assert read(found) is None
