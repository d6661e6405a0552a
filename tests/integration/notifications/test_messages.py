"""An application changes and people hear of it: once, in time, and also after everything was killed."""

import os
import signal
from pathlib import Path

import pytest_asyncio

from fairlead.events import PublicEventType
from fairlead.kube.collection import APPLICATIONS
from fairlead.local.pki import ensure_pki
from tests.fakes.tls_front import over_tls
from tests.integration.notifications.stage import NAMESPACE, Stage, succeeded

SUBSCRIBE = "notifications.argoproj.io/subscribe"
TEMPLATE = """
message: "{{.app.metadata.name}} {{.app.status.sync.revision}}"
webhook:
  here: {method: POST, path: here, body: "{{.app.metadata.name}} at {{.app.status.sync.revision}}"}
  hung: {method: POST, path: hung, body: "{{.app.metadata.name}}"}
"""
DRIFT = """
message: x
webhook:
  here:
    method: POST
    path: here
    body: "drift of {{.app.metadata.name}}: {{(index .event.data.resources 0).name}}"
"""
SUCCEEDED = "app.status?.operationState?.phase == 'Succeeded'"
ONCE = "app.status.operationState.syncResult.revision"


def _configuration(stage: Stage, **more: str) -> dict[str, str]:
    url = stage.receiver.url
    return {
        "service.webhook.here": f"url: {url}\nretryMax: 0",
        "service.webhook.hung": f"url: {url}\nretryMax: 0",
        "template.told": TEMPLATE,
        "trigger.on-synced": f'[{{when: "{SUCCEEDED}", oncePer: {ONCE}, send: [told]}}]',
        "trigger.on-degraded": "[{when: \"app.status?.health?.status == 'Degraded'\", send: [told]}]",
        "trigger.on-drift": "[{when: \"event.type endsWith 'app.drifted'\", send: [drift]}]",
        "template.drift": DRIFT,
        **more,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def served(stage: Stage):  # type: ignore[no-untyped-def]
    """The stage with the service, and nothing left of the test before."""
    stage.receiver.messages.clear()
    stage.receiver.hung.clear()
    stage.receiver.failing.clear()
    stage.receiver.on_message = None
    await stage.clean()
    await stage.configure(_configuration(stage))
    await stage.start()
    yield stage
    await stage.stop()


async def test_a_sync_is_told_once_also_after_a_restart_and_the_next_one_again(served: Stage) -> None:
    await served.app("one", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("aaa"))
    await served.until(lambda: served.receiver.of("one at aaa"))
    await served.stop()
    (key,) = await served.memory("one")
    assert key.startswith("aaa:on-synced:[0].")
    assert key.endswith(":here:")

    await served.start()
    await served.status("one", succeeded("bbb"))
    await served.until(lambda: served.receiver.of("one at bbb"))
    await served.remembered("one", 2)
    assert len(served.receiver.messages) == 2


async def test_what_is_no_longer_so_is_forgotten_and_told_again_when_it_is_so_again(served: Stage) -> None:
    await served.app("two", {f"{SUBSCRIBE}.on-degraded.here": ""}, {"health": {"status": "Degraded"}})
    await served.remembered("two", 1)
    await served.status("two", {"health": {"status": "Healthy"}})
    await served.remembered("two", 0)
    await served.status("two", {"health": {"status": "Degraded"}})
    await served.until(lambda: len(served.receiver.of("two")) == 2)
    await served.remembered("two", 1)


async def test_a_status_older_than_its_operation_is_not_judged(served: Stage) -> None:
    await served.app("stale", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("old", fresh=False))
    await served.app("beside", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("new"))
    await served.until(lambda: served.receiver.of("beside at new"))
    assert served.receiver.of("stale") == []
    await served.status("stale", {"observedAt": "2026-01-01T00:00:05Z"})
    await served.until(lambda: served.receiver.of("stale at old"))


async def test_one_that_hangs_delays_no_other(served: Stage) -> None:
    served.receiver.hung.add("hung")
    many = ";".join(str(number) for number in range(20))
    to = {f"{SUBSCRIBE}.on-synced.hung": many, f"{SUBSCRIBE}.on-synced.here": ""}
    await served.app("three", to, succeeded("ccc"))
    await served.until(lambda: served.receiver.of("three at ccc"))
    await served.remembered("three", 1)
    await served.status("three", succeeded("ddd"))
    await served.until(lambda: served.receiver.of("three at ddd"))


async def test_what_cannot_be_told_is_said_on_the_application_and_told_once_it_can(served: Stage) -> None:
    served.receiver.failing["here"] = 404
    to = {
        f"{SUBSCRIBE}.on-synced.here": "",
        f"{SUBSCRIBE}.on-nothing.here": "",
        f"{SUBSCRIBE}.on-synced.gone": "",
    }
    await served.app("four", to, succeeded("eee"))

    async def said() -> bool:
        words = "\n".join(await served.words_on("four"))
        return all(text in words for text in ("on-synced was not told to here", "'on-nothing'", "'gone'"))

    await served.until(said)
    assert await served.memory("four") == {}
    served.receiver.failing.clear()
    await served.configure(_configuration(served, context="argocdUrl: https://cd"))
    await served.until(lambda: served.receiver.of("four at eee"))
    await served.remembered("four", 1)


async def test_a_condition_that_wants_a_sync_says_nothing_on_who_was_never_synced(served: Stage) -> None:
    usual = {"trigger.on-usual": "[{when: app.status.operationState.phase == 'Succeeded', send: [told]}]"}
    typo = {"trigger.on-typo": "[{when: app.status.operatoinState.phase == 'Succeeded', send: [told]}]"}
    await served.configure(_configuration(served, **usual, **typo))
    await served.app("young", {f"{SUBSCRIBE}.on-usual.here": "", f"{SUBSCRIBE}.on-typo.here": ""}, {})
    await served.app("beside", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("iii"))
    await served.until(lambda: served.receiver.of("beside at iii"))
    await served.status("young", succeeded("jjj"))
    await served.until(lambda: served.receiver.of("young at jjj"))

    async def said() -> bool:
        return any("'on-typo'" in words for words in await served.words_on("young"))

    await served.until(said)
    assert not any("'on-usual'" in words for words in await served.words_on("young"))


async def test_a_change_of_the_configuration_or_the_project_acts_at_once(served: Stage) -> None:
    await served.app("five", {}, succeeded("fff"))
    await served.project({f"{SUBSCRIBE}.on-synced.here": ""})
    await served.until(lambda: served.receiver.of("five at fff"))
    await served.project({})
    more = {"subscriptions": "[{recipients: [here], triggers: [on-degraded]}]"}
    await served.configure(_configuration(served, **more))
    await served.status("five", {"health": {"status": "Degraded"}})
    await served.until(lambda: len(served.receiver.of("five")) == 2)


async def test_events_are_told_each_once_also_to_who_reads_them_again(served: Stage) -> None:
    await served.app(
        "six", {f"{SUBSCRIBE}.on-drift.here": "", f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("ggg")
    )
    await served.until(lambda: served.receiver.of("six at ggg"))
    data: dict[str, object] = {"revisions": ["ggg"], "resources": [{"kind": "Pod", "name": "web"}]}
    first = await served.happened("six", PublicEventType.APP_DRIFTED, data)
    await served.until(lambda: served.receiver.of("drift of six: web"))
    await served.remembered("six", 2)
    assert any(key.startswith(f"{first}:on-drift:") for key in await served.memory("six"))
    await served.stop()
    await served.start()
    await served.happened("six", PublicEventType.APP_DRIFTED, data)
    await served.remembered("six", 3)
    assert len(served.receiver.of("drift of six")) == 2


async def test_what_vouches_for_a_host_is_declared_while_we_run(served: Stage, tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path)
    async with over_tls(served.receiver.port, pki) as port:
        secure = f"url: https://127.0.0.1:{port}\nretryMax: 1\nretryWaitMin: 1"
        await served.configure(_configuration(served, **{"service.webhook.here": secure}))
        await served.app("tls", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("jjj"))

        async def said() -> bool:
            return "its certificate is not accepted" in "\n".join(await served.words_on("tls"))

        await served.until(said)
        await served.vouch("127.0.0.1", pki.ca.certificate.read_text())
        await served.until(lambda: served.receiver.of("tls at jjj"))
        await served.remembered("tls", 1)


async def test_nonsense_and_secrets_stay_where_they_are_and_others_hear(served: Stage) -> None:
    served.receiver.failing["tell/the-secret-of-the-address"] = 400
    nonsense = {
        "service.webhook.told": f"url: {served.receiver.url}/tell/$address\nretryMax: 1",
        "service.slack": "token: $none-such\napiURL: 5",
        "service.github": "- a list",
        "service.carrier-pigeon": "a: b",
        "service.email.mail": "host: 127.0.0.1\nport: 9\nfrom: a@example.com\nunknown: x",
        "template.half": "message: 'x {{.app.metadata.name'\nwebhook: {here: {body: 'x'}}",
        "template.failing": "message: '{{index .app.spec.sources 5}}'",
        "template.block": "message: x\nwebhook: [1, 2]\nslack: text\nemail: {subject: {a: b}}",
        "template.secret": "message: x\nwebhook: {told: {method: POST, body: '{{.secrets.address}}'}}",
        "template.fails": "message: '{{fail .secrets.address}}'",
        "trigger.on-fails": "[{when: 'true', send: [fails]}]",
        "template.number": "5",
        "template.yaml": "message: [",
        "trigger.on-half": "[{when: 'true', send: [half]}]",
        "trigger.on-failing": "[{when: 'true', send: [failing]}]",
        "trigger.on-block": "[{when: 'true', send: [block]}]",
        "trigger.on-secret": "[{when: 'true', send: [secret]}]",
        "trigger.on-unknown": "[{when: 'true', send: [nothing, number]}]",
        "trigger.on-no-text": "[{when: [5], send: told}]",
        "trigger.on-no-when": "[{send: [told]}]",
        "trigger.on-bad-when": "[{when: 'app.(', send: [told]}]",
        "trigger.yaml": "{",
        "subscriptions": "- recipients: 5",
        "context": "[]",
    }
    triggers = ("half", "failing", "fails", "unknown", "no-text", "no-when", "bad-when")
    to = {f"{SUBSCRIBE}.on-{trigger}.here": "" for trigger in triggers}
    others = ("here", "slack", "mail", "github")
    to |= {f"{SUBSCRIBE}.on-block.{service}": "a@example.com;;b" for service in others}
    to |= {
        f"{SUBSCRIBE}.on-secret.told": "",
        f"{SUBSCRIBE}.on-synced.here": "",
        f"{SUBSCRIBE}.on-synced": "x",
    }
    to |= {"notifications.argoproj.io/subscriptions": "- trigger: {"}
    await served.configure(_configuration(served, **nonsense), {"address": "the-secret-of-the-address"})
    await served.app("odd", to, succeeded("mmm"))
    await served.app("even", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("mmm"))
    await served.until(lambda: served.receiver.of("even at mmm"))
    await served.until(lambda: served.receiver.of("odd at mmm"))

    async def said() -> bool:
        words = "\n".join(await served.words_on("odd"))
        assert "the-secret-of-the-address" not in words
        return all(
            f"on-{trigger}" in words
            for trigger in ("half", "failing", "fails", "unknown", "no-text", "bad-when", "secret")
        )

    await served.until(said)


async def test_an_application_that_is_made_anew_is_told_anew(served: Stage) -> None:
    await served.app("seven", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("hhh"))
    await served.remembered("seven", 1)
    await served.client.delete(APPLICATIONS, "seven", NAMESPACE)
    await served.app("seven", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("hhh"))
    await served.until(lambda: len(served.receiver.of("seven at hhh")) == 2)


async def test_a_namespace_serves_itself_and_sees_no_secrets(stage: Stage) -> None:
    stage.receiver.messages.clear()
    await stage.clean()
    team = stage.beside("notices-team")
    await team.prepare()
    await stage.configure(_configuration(stage), {"key": "hidden"})
    say = "message: x\nwebhook: {own: {method: POST, path: own, body: '{{.app.metadata.name}} {{.secrets}}'}}"
    own = {
        "service.webhook.own": f"url: {stage.receiver.url}",
        "template.told": say,
        "trigger.on-own": "[{when: 'true', send: [told]}]",
    }
    await team.configure(own, {"key": "theirs"})
    to = {f"{SUBSCRIBE}.on-own.own": "", f"{SUBSCRIBE}.on-synced.here": ""}
    await stage.start(
        ARGOCD_APPLICATION_NAMESPACES="notices-*",
        ARGOCD_NOTIFICATION_CONTROLLER_SELF_SERVICE_NOTIFICATION_ENABLED="true",
    )
    try:
        await team.app("theirs", to, succeeded("iii"))
        await stage.app("ours", to, succeeded("iii"))
        for text in ("theirs <no value>", "theirs at iii", "ours at iii"):
            await stage.until(lambda text=text: stage.receiver.of(text))  # type: ignore[misc]
        await team.remembered("theirs", 2)
        await stage.remembered("ours", 1)
        assert any(key.startswith("notices-team:on-own:") for key in await team.memory("theirs"))
        assert stage.receiver.of("hidden") == []
    finally:
        await stage.stop()
        await team.clean()
        await team.unconfigure()


async def test_a_kill_between_send_and_mark_costs_one_duplicate_and_loses_nothing(stage: Stage) -> None:
    stage.receiver.messages.clear()
    await stage.clean()
    await stage.configure(_configuration(stage))
    for name in ("k1", "k2", "k3"):
        await stage.app(name, {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("kkk"))
    process = await stage.process()

    async def kill(_: str) -> None:
        stage.receiver.on_message = None
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()

    stage.receiver.on_message = kill
    await stage.until(lambda: process.returncode is not None)
    assert len(stage.receiver.messages) == 1
    await stage.start()
    try:
        for name in ("k1", "k2", "k3"):
            await stage.remembered(name, 1)
        told = sorted(body for _, body in stage.receiver.messages)
        assert {*told} == {f"{name} at kkk" for name in ("k1", "k2", "k3")}
        assert len(told) == 4
    finally:
        await stage.stop()


async def test_of_two_replicas_one_sends_and_the_other_takes_over(stage: Stage) -> None:
    stage.receiver.messages.clear()
    await stage.clean()
    await stage.configure(_configuration(stage))
    other = await stage.process()
    await stage.app("first", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("ppp"))
    await stage.remembered("first", 1)
    await stage.start()
    try:
        await stage.app("both", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("ppp"))
        await stage.remembered("both", 1)
        other.kill()
        await other.wait()
        await stage.app("after", {f"{SUBSCRIBE}.on-synced.here": ""}, succeeded("ppp"))
        await stage.remembered("after", 1)
        assert sorted(body for _, body in stage.receiver.messages) == [
            "after at ppp",
            "both at ppp",
            "first at ppp",
        ]
    finally:
        await stage.stop()
