"""What Fairlead answers beside Argo CD's RPCs, over REST alone: one row of each.

Invariant: a row says all that its route, its page and its part of the OpenAPI document are made of.
"""

import msgspec

from fairlead.api_server.methods.method import Operation
from fairlead.api_server.operations import story
from fairlead.api_server.operations.affected import AffectedAnswer, AffectedQuery, affected
from fairlead.api_server.operations.application.drift import DriftAnswer, DriftQuery, drift
from fairlead.api_server.operations.application.explain import ExplainAnswer, ExplainQuery, explain
from fairlead.api_server.operations.search import asked, page, window
from fairlead.events.public import CloudEvent

SERVICE = "FairleadService"


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `run` is as that of a Method, and its stream is one of `Told`; `ask` are the fields of the
    query, and `answer` is what it answers, or each event of the stream is."""

    name: str
    path: str
    summary: str
    run: Operation
    ask: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    is_stream: bool = False
    seconds: float = 30.0

    @property
    def label(self) -> str:
        """What it is called in records and counts."""
        return f"/fairlead.{SERVICE}/{self.name}"


ROWS: tuple[Own, ...] = (
    Own(
        name="SearchApplications",
        path="/api/v1/search/applications",
        summary="A page of applications, narrowed and sorted, with counts by facet.",
        run=page.search,
        ask=asked.SearchQuery,
        answer=page.ApplicationPage,
    ),
    Own(
        name="FollowApplications",
        path="/api/v1/stream/search/applications",
        summary="The same page, followed: first the whole, then what changes in it.",
        run=window.follow,
        ask=asked.WindowQuery,
        answer=window.WindowEvent,
        is_stream=True,
    ),
    Own(
        name="ListAffected",
        path="/api/v1/affected",
        summary="The applications that a change in a repository affects, with the files that they read.",
        run=affected,
        ask=AffectedQuery,
        answer=AffectedAnswer,
        seconds=60.0,
    ),
    Own(
        name="ExplainApplication",
        path="/api/v1/explain",
        summary="Why an application is not as Git says: each field, who owns it, the rule to leave it out.",
        run=explain,
        ask=ExplainQuery,
        answer=ExplainAnswer,
        seconds=70.0,
    ),
    Own(
        name="ListDrift",
        path="/api/v1/drift",
        summary="What was changed of an application outside Git, by whom, and what became of it.",
        run=drift,
        ask=DriftQuery,
        answer=DriftAnswer,
    ),
    Own(
        name="FollowEvents",
        path="/api/v1/stream/events",
        summary="The public events of what the caller may see, as CloudEvents.",
        run=story.follow,
        ask=story.StoryQuery,
        answer=CloudEvent,
        is_stream=True,
    ),
)
