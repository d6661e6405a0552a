"""What a page of one application is made of, on the running suite: its stream, story, schema, differences."""

import asyncio

from tests.e2e.api import Api, Event, logged_in
from tests.e2e.world import CONFIG_MAPS, CONTROL, World, config_map

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: front}, ports: [{port: 80}]}
"""


class Page:
    """What a page has of a stream."""

    def __init__(self) -> None:
        self.application: Event = {}
        self.nodes: dict[str, Event] = {}
        self.kinds: list[str] = []

    def take(self, event: Event) -> None:
        """One event."""
        match event["type"]:
            case "APPLICATION":
                self.application = event["application"]
            case "TREE":
                if event.get("whole"):
                    self.nodes = {}
                for key in event.get("removed", []):
                    del self.nodes[key]
                self.nodes |= {one["key"]: one for one in event.get("nodes", [])}
            case "EVENT":
                self.kinds.append(event["event"]["type"].removeprefix("fairlead.v1."))

    @property
    def revision(self) -> str:
        return str(self.application.get("status", {}).get("sync", {}).get("revision", ""))


async def test_a_commit_is_followed_on_a_page_from_the_push_to_the_cluster(world: World) -> None:
    first = {"app/config.yaml": config_map("web", n="1"), "app/service.yaml": SERVICE}
    repo = await world.repository(first)
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    before = await world.settled(name)
    key, added = f"/ConfigMap/{namespace}/web", f"/ConfigMap/{namespace}/added"
    async with asyncio.timeout(240), logged_in(world) as api, api.view(name) as events:
        page = Page()
        async for event in events:
            page.take(event)
            if page.nodes:
                break
        assert page.application["metadata"]["name"] == name
        assert (page.nodes[key]["sync"], page.nodes[key]["managed"]) == ("Synced", True)
        assert page.nodes[f"/Service/{namespace}/front"]["health"] == {"status": "Healthy"}

        changed = config_map("web", n="2") + "---\n" + config_map("added", n="1")
        head = await repo.publish({"app/config.yaml": changed}, "two words")
        async for event in events:
            page.take(event)
            if added in page.nodes:
                break
        if page.revision != head or "app.sync.succeeded" not in page.kinds:
            async for event in events:
                page.take(event)
                if page.revision == head and "app.sync.succeeded" in page.kinds:
                    break
        assert "commit.detected" in page.kinds
        await world.settled(name, head)

        async def is_told() -> bool:
            item = (await api.get("/api/v1/story", application=name))["items"][0]
            return bool(item.get("revisions") == [head] and item["status"] == "done" and item.get("author"))

        await world.until(is_told, "the story has the commit's whole way")
        item = (await api.get("/api/v1/story", application=name))["items"][0]
        steps = [step["name"] for step in item["steps"]]
        told = ["pushed"] if item["cause"] == "webhook" else []  # or the poll was faster than the webhook
        assert steps == [*told, "detected", "rendered", "compared", "started", "applied", "healthy"]
        assert (item["kind"], item["message"]) == ("commit", "two words")
        assert abs(item["milliseconds"] - sum(step["milliseconds"] for step in item["steps"])) < 1.0

        await _drift_is_told(world, api, name, namespace)
        query = {"application": name, "group": "", "version": "v1", "kind": "Service"}
        schema = await api.get("/api/v1/schema", **query)
        assert "io.k8s.api.core.v1.ServicePort" in schema["definitions"]

        entry = before["status"]["history"][-1]["id"]
        query = {"application": name, "from": str(entry), "to": "spec"}
        found = await api.get("/api/v1/revision-diff", **query)
        assert [(one["name"], bool(one["left"])) for one in found["items"]] == [
            ("added", False),
            ("web", True),
        ]
        assert (found["same"], found["to"]["revisions"]) == (1, [head])
        found = await api.get("/api/v1/search/resources", application=f"{CONTROL}/{name}", kind="Service")
        assert [(one["name"], one["health"]) for one in found["items"]] == [("front", "Healthy")]


async def _drift_is_told(world: World, api: Api, name: str, namespace: str) -> None:
    """What somebody changes by hand is in the story with its heal, and with who did it."""
    changed_by_hand = {"data": {"n": "9"}}
    await world.client.merge_patch(CONFIG_MAPS, "web", changed_by_hand, namespace)

    async def is_healed() -> bool:
        item = (await api.get("/api/v1/story", application=name))["items"][0]
        return bool(item["kind"] == "drift" and item["status"] == "done")

    await world.until(is_healed, "the story has the drift and its heal")
    item = (await api.get("/api/v1/story", application=name))["items"][0]
    (one,) = item["objects"]
    assert (one["name"], one["field"], one["old"], one["new"]) == ("web", ".data.n", '"2"', '"9"')
    assert item["by"] == one["manager"] != ""
