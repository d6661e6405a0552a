"""What Fairlead answers beside Argo CD's RPCs, over REST alone: one row of each.

Invariant: a row says all that its route, its page and its part of the OpenAPI document are made of.
"""

from typing import Literal

import msgspec

from fairlead.api_server.methods.applicationset import GENERATION
from fairlead.api_server.methods.method import OBJECT, RENDERING, SMALL, Operation
from fairlead.api_server.operations import can, change, story
from fairlead.api_server.operations.affected import AffectedAnswer, AffectedQuery, affected
from fairlead.api_server.operations.application import bulk, preview, touch
from fairlead.api_server.operations.application import revision_diff as revisions
from fairlead.api_server.operations.application import schema as schemas
from fairlead.api_server.operations.application.drift import DriftAnswer, DriftQuery, drift
from fairlead.api_server.operations.application.explain import ExplainAnswer, ExplainQuery, explain
from fairlead.api_server.operations.applicationset import preview as preview_set
from fairlead.api_server.operations.chronicle import read as chronicle
from fairlead.api_server.operations.chronicle.told import ApplicationStory, ApplicationStoryQuery
from fairlead.api_server.operations.repository import rules
from fairlead.api_server.operations.repository.requests import ChartRulesQuery
from fairlead.api_server.operations.resources import page as resources
from fairlead.api_server.operations.resources.asked import ResourceSearchQuery
from fairlead.api_server.operations.search import asked, images, page, window
from fairlead.api_server.operations.view import follow as view
from fairlead.api_server.operations.view.told import ViewEvent, ViewQuery
from fairlead.events.public import CloudEvent

SERVICE = "FairleadService"
QUESTIONS = 256 << 10
"""Bytes of a request that asks what the caller may do."""


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `run` is as that of a Method, and its stream is one of `Told`; `ask` are the fields of the
    query, or of the body of what is asked with POST, and `answer` is what it answers, or each event of the
    stream is. None of them changes anything, whatever its verb."""

    name: str
    path: str
    summary: str
    run: Operation
    ask: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    verb: Literal["GET", "POST"] = "GET"
    body_bytes: int = SMALL
    is_stream: bool = False
    seconds: float = 30.0

    @property
    def label(self) -> str:
        """What it is called in records and counts."""
        return f"/fairlead.{SERVICE}/{self.name}"


ROWS: tuple[Own, ...] = (
    Own(
        name="CanI",
        path="/api/v1/can-i",
        summary="Whether the caller may do each of many things, as whoever does them decides.",
        run=can.can_i,
        ask=can.Questions,
        answer=can.Answers,
        verb="POST",
        body_bytes=QUESTIONS,
    ),
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
        name="SearchResources",
        path="/api/v1/search/resources",
        summary="A page of the objects of all applications, narrowed and sorted, with counts by facet.",
        run=resources.search,
        ask=ResourceSearchQuery,
        answer=resources.ResourcePage,
    ),
    Own(
        name="ListImages",
        path="/api/v1/images",
        summary="The images that an application runs, and how many others run them.",
        run=images.of_application,
        ask=images.ImagesQuery,
        answer=images.ImagesAnswer,
    ),
    Own(
        name="SearchImages",
        path="/api/v1/search/images",
        summary="The applications that run an image.",
        run=images.running,
        ask=images.ImageQuery,
        answer=images.ImagePage,
    ),
    Own(
        name="PreviewApplication",
        path="/api/v1/preview",
        summary="What an application would deploy if it were as somebody is about to write it.",
        run=preview.preview,
        ask=preview.PreviewRequest,
        answer=preview.PreviewAnswer,
        verb="POST",
        body_bytes=OBJECT,
        seconds=RENDERING,
    ),
    Own(
        name="PreviewApplications",
        path="/api/v1/preview/applications",
        summary="Which applications something may be done to now, and why not to the others.",
        run=bulk.preview,
        ask=bulk.BulkQuery,
        answer=bulk.BulkAnswer,
        verb="POST",
        body_bytes=OBJECT,
    ),
    Own(
        name="PreviewApplicationSet",
        path="/api/v1/preview/applicationset",
        summary="What an ApplicationSet would make, change and take away if it were written.",
        run=preview_set.preview,
        ask=preview_set.PreviewSetRequest,
        answer=preview_set.PreviewSetAnswer,
        verb="POST",
        body_bytes=OBJECT,
        seconds=GENERATION,
    ),
    Own(
        name="CompareRevisions",
        path="/api/v1/revision-diff",
        summary="What differs between two deployed states of an application.",
        run=revisions.revision_diff,
        ask=revisions.RevisionDiffQuery,
        answer=revisions.RevisionDiffAnswer,
        seconds=RENDERING,
    ),
    Own(
        name="GetKindSchema",
        path="/api/v1/schema",
        summary="The schema of a kind as an application's cluster serves it, or of a kind of ours.",
        run=schemas.schema,
        ask=schemas.SchemaQuery,
        answer=schemas.SchemaAnswer,
        seconds=60.0,
    ),
    Own(
        name="GetChartRules",
        path="/api/v1/chart-rules",
        summary="The schema of the values of the chart that a source is, if the chart has one.",
        run=rules.chart_rules,
        ask=ChartRulesQuery,
        answer=rules.ChartRules,
        verb="POST",
        body_bytes=OBJECT,
        seconds=60.0,
    ),
    Own(
        name="PreviewPatch",
        path="/api/v1/preview/patch",
        summary="What a cluster would make of a patch of one live object; nothing is written.",
        run=touch.preview,
        ask=touch.PatchPreview,
        answer=touch.PatchedResource,
        verb="POST",
        body_bytes=OBJECT,
        seconds=60.0,
    ),
    Own(
        name="FollowApplication",
        path="/api/v1/stream/view/application",
        summary="One application, its resource tree and what happens to it, followed.",
        run=view.follow,
        ask=ViewQuery,
        answer=ViewEvent,
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
        name="PreviewChange",
        path="/api/v1/preview/change",
        summary="What a change in a repository would do to each application that follows the branch.",
        run=change.change,
        ask=change.ChangeQuery,
        answer=change.ChangeAnswer,
        seconds=300.0,
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
        name="GetStory",
        path="/api/v1/story",
        summary="What happened to an application: each commit's way, drifts, operations, who began them.",
        run=chronicle.story,
        ask=ApplicationStoryQuery,
        answer=ApplicationStory,
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
