"""Only what is affected and may be shown is rendered, and nothing is done with what strangers wrote."""

import asyncio
import difflib
from typing import Any

import msgspec

from fairlead.events.sources import SignaturesDemanded
from fairlead.previews import judge
from fairlead.previews.errors import PreviewError, PreviewLaterError
from fairlead.previews.preview import Change, MayShow, preview
from fairlead.previews.report import Report
from fairlead.rpc.affected import Followers
from tests.unit.previews.played import BASE, HEAD, MERGE, TARGET, URL, Played, config_map, merged, secret

CANARY = "hunter2-canary"


def anybody(_namespace: str, _name: str, _project: str) -> bool:
    return True


async def shown(
    asks: Played, may_show: MayShow = anybody, *, of_strangers: bool = False, most: int = 100
) -> Report:
    change = Change(url=URL, head="feature", of_strangers=of_strangers)
    return await preview(asks, change, may_show, most=most)


async def test_the_merge_is_compared_with_what_the_branch_deploys() -> None:
    asks = Played()
    asks.add(
        "web", [config_map(colour="red"), config_map("same")], [config_map(colour="blue"), config_map("same")]
    )
    report = await shown(asks)
    [app] = report.applications
    assert asks.compared == (TARGET, MERGE)
    assert asks.rendered_for == [("web", (TARGET,), False), ("web", (MERGE,), False)]
    assert [(each.what, each.name, each.verdict) for each in app.objects] == [
        ("changed", "settings", "changed")
    ]
    assert ("-  colour: red" in app.objects[0].diff, "+  colour: blue" in app.objects[0].diff) == (True, True)
    assert (app.same, report.is_fine) == (1, True)


async def test_of_a_change_that_conflicts_the_head_is_compared_with_where_it_parted() -> None:
    asks = Played(merged(merge="", conflicts=("a.yaml",)))
    asks.add("web", [config_map(colour="red")], [config_map(colour="blue")])
    report = await shown(asks)
    assert asks.compared == (BASE, HEAD)
    assert [revisions for _, revisions, _ in asks.rendered_for] == [(BASE,), (HEAD,)]
    assert (report.is_fine, report.is_merged, report.summary.startswith("conflicts with main")) == (
        False,
        False,
        True,
    )


async def test_who_follows_another_revision_or_may_not_be_shown_is_not_rendered() -> None:
    asks = Played()
    for name, revision, project in (
        ("head", "HEAD", "default"),
        ("branch", "main", "default"),
        ("ref", "refs/heads/main", "default"),
        ("tag", "v1.*", "default"),
        ("other", "release", "default"),
        ("hidden", "main", "secret"),
    ):
        asks.add(name, [], [config_map()], revision=revision, project=project)
        asks.followers.append(Followers(project=project, target_revision=revision, count=10))
    report = await shown(asks, lambda _namespace, _name, project: project != "secret")
    assert [app.name for app in report.applications] == ["branch", "head", "ref"]
    assert {name for name, _, _ in asks.rendered_for} == {"branch", "head", "ref"}
    assert report.followers == 30


async def test_what_cannot_be_rendered_is_told_and_is_no_fault_of_who_finds_it_so() -> None:
    asks = Played()
    asks.add("new", [config_map()], PreviewError("line 3: no such key"))
    asks.add("old", PreviewError("broken"), PreviewError("still broken"))
    asks.add("cured", PreviewError("broken"), [config_map()])
    report = await shown(asks)
    found = {app.name: (app.problem, app.is_broken) for app in report.applications}
    assert found == {
        "new": ("line 3: no such key", True),
        "old": ("still broken", False),
        "cured": ("", False),
    }
    assert report.summary == "3 of 0 applications affected, 1 would fail"


async def test_who_does_not_answer_makes_it_unsettled_and_not_wrong_for_ever() -> None:
    asks = Played()
    asks.add("web", [config_map()], PreviewLaterError("the repo-server is away"))
    asks.add("api", [config_map(colour="red")], [config_map(colour="blue")])
    asks.refusal = PreviewLaterError("the app-controller is away")
    report = await shown(asks)
    assert (report.is_settled, [bool(app.unasked) for app in report.applications]) == (False, [True, False])


async def test_what_a_cluster_refuses_fails_and_what_belongs_to_others_is_said() -> None:
    asks = Played()
    asks.add("web", [config_map("gone")], [config_map("bad"), config_map("theirs")])
    asks.verdicts = {"bad": "immutable", "theirs": "foreign", "gone": "pruned"}
    asks.owner = "other_app"
    report = await shown(asks)
    [app] = report.applications
    assert app.is_broken
    assert {each.name: each.verdict for each in app.objects} == asks.verdicts
    assert report.summary == "1 of 0 applications affected, 1 would fail"


async def test_values_of_secrets_are_never_shown_and_their_change_is() -> None:
    asks = Played()
    asks.add("web", [secret("login", f"{CANARY}-old")], [secret("login", f"{CANARY}-new")])
    report = await shown(asks)
    [changed] = report.applications[0].objects
    assert ("++++++++" in changed.diff, CANARY in changed.diff) == (True, False)
    assert changed.diff.count("\n-") == changed.diff.count("\n+") == 1


async def test_what_strangers_wrote_is_rendered_alone_and_no_cluster_is_asked_about_it() -> None:
    asks = Played()
    asks.add("web", [config_map(colour="red")], [config_map(colour="blue")])
    asks.add("plugged", [config_map(colour="red")], [config_map(colour="blue")])
    asks.tools = {"plugged": "Plugin"}
    report = await shown(asks, of_strangers=True)
    plugged, web = report.applications
    assert ("plugin" in plugged.problem, len(web.objects), bool(web.unasked)) == (True, 1, True)
    assert asks.tried == []
    assert [each for each in asks.rendered_for if each[1] == (MERGE,)] == [("web", (MERGE,), True)]


async def test_where_signatures_are_demanded_the_head_itself_is_shown() -> None:
    asks = Played()
    asks.add("web", [config_map(colour="red")], [config_map(colour="blue")], signatures=SignaturesDemanded())
    [app] = (await shown(asks)).applications
    assert asks.rendered_for[-1] == ("web", (HEAD,), False)
    assert "signatures" in app.note


async def test_more_than_may_be_rendered_are_counted_and_keep_it_from_being_fine() -> None:
    asks = Played()
    for number in range(7):
        asks.add(f"app-{number}", [], [config_map()])
    report = await shown(asks, most=3)
    assert (len(report.applications), report.unseen, report.is_fine) == (3, 4, False)
    assert len(asks.rendered_for) == 6


async def test_a_huge_object_is_told_without_a_diff_and_too_many_are_counted() -> None:
    asks = Played()
    lines = "".join(f"line {number}\n" for number in range(9_000))
    asks.add("big", [config_map(text=lines)], [config_map(text=f"{lines}one more\n")])
    asks.add("many", [], [config_map(f"m{number}") for number in range(600)])
    big, many = (await shown(asks)).applications
    assert (big.objects[0].what, big.objects[0].diff) == ("changed", "")
    assert (len(many.objects), many.more) == (500, 100)


async def test_hooks_and_what_has_no_name_yet_are_not_tried() -> None:
    asks = Played()
    hook = {**config_map("hook"), "kind": "Job"}
    hook["metadata"] = {"name": "hook", "annotations": {"argocd.argoproj.io/hook": "PreSync"}}
    chart = {**hook, "metadata": {"name": "chart", "annotations": {"helm.sh/hook": "pre-upgrade"}}}
    skipped = {**hook, "metadata": {"name": "skipped", "annotations": {"argocd.argoproj.io/hook": "Skip"}}}
    nameless = {**config_map(), "metadata": {"generateName": "run-"}}
    odd = [{**config_map(), "metadata": each} for each in ("text", ["list"], {"name": 5})]
    kindless = {"metadata": {"name": "kindless"}, "data": {}}
    asks.add("web", [chart], [hook, nameless, skipped, kindless, *odd, config_map()])
    [app] = (await shown(asks)).applications
    assert len(app.objects) == 9
    assert [msgspec.json.decode(text)["metadata"]["name"] for text in asks.tried] == ["settings"]


def test_a_diff_is_what_difflib_makes_and_lines_that_repeat_do_not_take_for_ever() -> None:
    left = [f"line {number % 7}" for number in range(60)]
    inner = [*left[:9], "x", *left[9:]]
    for right in (left[3:], [*left, "more"], left[:20] + left[25:], [], ["other"], inner):
        usual = list(difflib.unified_diff(left, right, n=judge.CONTEXT, lineterm=""))[2:]
        assert judge.diff_of(left, right) == "\n".join(usual)
    pairs = [(f"common {number % 50}", f"{number}") for number in range(1_900)]
    ours = [text for common, own in pairs for text in (common, f"ours {own}")]
    theirs = [text for common, own in pairs for text in (common, f"theirs {own}")]
    room = judge.Room()
    room.steps = 200_000
    assert (judge.diff_of(ours, theirs, room), room.steps < 0) == ("", True)


class Hanging(Played):
    """Of whom some applications are never rendered."""

    async def rendered(self, wanted: Any, revisions: Any, *, of_strangers: bool = False) -> Any:
        if wanted.name.startswith("slow"):
            await asyncio.Event().wait()
        if wanted.name.startswith("odd"):
            raise ZeroDivisionError
        return await super().rendered(wanted, revisions, of_strangers=of_strangers)


async def test_what_hangs_or_breaks_is_said_of_that_application_and_the_others_are_told() -> None:
    asks = Hanging()
    for name in ("fine", "odd", "slow"):
        asks.add(name, [], [config_map()])
    report = await preview(asks, Change(url=URL, head="feature"), anybody, seconds=3)
    fine, odd, slow = report.applications
    assert (len(fine.objects), "ZeroDivisionError" in odd.problem, "within 3 s" in slow.problem) == (
        1,
        True,
        True,
    )


async def test_a_change_of_many_applications_keeps_no_other_one_waiting() -> None:
    many, one, gate = Hanging(), Hanging(), asyncio.Semaphore(4)
    for number in range(10):
        many.add(f"slow-{number}", [], [config_map()])
    one.add("web", [], [config_map()])
    change = Change(url=URL, head="feature")
    running = asyncio.create_task(preview(many, change, anybody, gate=gate, seconds=60))
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        report = await preview(one, change, anybody, gate=gate)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(report.applications[0].objects) == 1


async def test_what_no_branch_has_is_of_strangers_whoever_asks() -> None:
    asks = Played(merged(of_strangers=True))
    asks.add("web", [config_map(colour="red")], [config_map(colour="blue")])
    report = await shown(asks)
    assert (report.of_strangers, asks.rendered_for[-1][2], asks.tried) == (True, True, [])
