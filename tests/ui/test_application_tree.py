"""The objects of one application in the browser: as a tree, by network, by pods, as a list."""

import json
import re
from typing import Any

from playwright.async_api import Page, Route, expect

from fairlead.kube.resource import Resource
from tests.e2e.world import CONFIG_MAPS, CONTROL, DEPLOYMENTS, IN_CLUSTER, config_map, sync_of
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage, deployment, service
from tests.ui.wire import fetched_only

ENOUGH = 15_000
"""Milliseconds in which 2,000 objects are laid out beside whatever else the machine does; what is promised of
it `make bench ONLY=ui` measures."""
CARD = '[id$="{}"]'
"""A card of the tree by its name: among thousands, names of roles take seconds to compute."""
LEAST = 16.0
"""Pixels of a card's height in which its name can still be read."""
INGRESSES = Resource(
    group="networking.k8s.io", version="v1", plural="ingresses", kind="Ingress", namespaced=True
)
PROJECTS = Resource(
    group="argoproj.io", version="v1alpha1", plural="appprojects", kind="AppProject", namespaced=True
)
INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: front
spec:
  rules:
  - host: shop.example
    http:
      paths:
      - path: /cart
        pathType: Prefix
        backend:
          service:
            name: web
            port:
              number: 80
"""


async def test_the_tree_is_walked_with_the_keyboard(page: Page, suite: Stage) -> None:
    await page.goto("/applications/argocd/shop")
    tree = page.get_by_role("tree", name="Objects of shop by owner")
    await expect(tree.get_by_role("treeitem", name=re.compile("^Deployment web"))).to_be_visible()
    await tree.focus()
    await page.keyboard.press("ArrowDown")
    active = tree.get_by_role("treeitem", name=re.compile("^Service web"))
    await expect(tree).to_have_attribute("aria-activedescendant", str(await active.get_attribute("id")))
    await page.keyboard.type("deploy")
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowLeft")
    root = tree.get_by_role("treeitem", name=re.compile("^Application shop"))
    await expect(root).to_have_attribute("aria-expanded", "false")
    await expect(tree.get_by_role("treeitem")).to_have_count(1)
    await page.keyboard.press("ArrowRight")
    await expect(root).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"node=%2FService%2Fshop-prod%2Fweb%2F0"))


async def test_what_is_many_and_healthy_is_one_node_until_it_is_opened(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/applications/argocd/many")
    pile = page.get_by_role("treeitem", name=re.compile("^240 ConfigMaps, all well"))
    await expect(pile).to_be_visible()
    await expect(page.get_by_role("treeitem", name=re.compile("^12 Deployments, all well"))).to_be_visible()
    await axe(page)
    await screenshot(page, "application-many")
    await pile.click()
    first = page.get_by_role("treeitem", name=re.compile("^ConfigMap setting-000"))
    await expect(first).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowDown")
    tree = page.get_by_role("tree")
    await expect(tree).to_have_attribute("aria-activedescendant", re.compile("setting-001$"))
    await screenshot(page, "application-many-open", widths=(1440,))
    await page.get_by_label("Find an object by name").fill("setting-11")
    await expect(page.get_by_text("10 of")).to_be_visible()
    await expect(page).to_have_url(re.compile("resource=name%3Asetting-11"))
    await page.go_back()


async def test_the_tree_is_walked_in_a_window_of_a_phone(
    suite: Stage, open_page: OpenPage, axe: Axe, screenshot: Screenshot
) -> None:
    page = await open_page(suite.token, viewport={"width": 360, "height": 740})
    await page.goto("/applications/argocd/many?view=tree")
    tree = page.get_by_role("tree")
    await expect(tree.get_by_role("treeitem", name="Application many")).to_be_visible()
    await tree.focus()
    pile = tree.get_by_role("treeitem", name=re.compile("^240 ConfigMaps, all well"))
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowDown")
    await expect(pile).to_be_in_viewport()
    await page.keyboard.press("ArrowRight")
    await expect(pile).to_have_attribute("aria-expanded", "true")
    await expect(tree).to_have_attribute("data-structure", "laid-out")
    await page.keyboard.press("ArrowRight")
    first = tree.get_by_role("treeitem", name=re.compile("^ConfigMap setting-000"))
    await expect(first).to_be_in_viewport()
    await expect(tree).to_have_attribute("aria-activedescendant", re.compile("setting-000$"))
    await axe(page)
    await screenshot(page, "application-phone", widths=(360,))


async def test_filters_are_in_the_address(page: Page, suite: Stage, axe: Axe) -> None:
    await page.goto("/applications/argocd/many?resource=kind:Deployment")
    await expect(page.get_by_text("12 of")).to_be_visible()
    await page.get_by_role("button", name="Filters (1)").click()
    facets = page.get_by_role("complementary", name="Filters")
    await facets.get_by_role("checkbox", name="ConfigMap").check()
    await expect(page.get_by_text("252 of")).to_be_visible()
    assert "kind%3AConfigMap%2Ckind%3ADeployment" in page.url
    await axe(page)
    await page.get_by_role("button", name="Show all", exact=True).click()
    await expect(page).not_to_have_url(re.compile("resource"))


async def test_the_tree_begins_at_what_is_wrong(page: Page, suite: Stage, screenshot: Screenshot) -> None:
    await page.goto("/applications/argocd/broken")
    await expect(page.get_by_text(re.compile("needs? a look"))).to_be_visible()
    await expect(
        page.get_by_role("treeitem", name=re.compile("^Deployment broken, Degraded"))
    ).to_be_visible()
    await page.get_by_role("button", name="Go to the next problem").click()
    await screenshot(page, "application-broken")


async def test_nothing_moves_when_a_status_changes(page: Page, suite: Stage) -> None:
    name = await suite.own()
    namespace = suite.namespace_of[name]
    await page.goto(f"/applications/argocd/{name}")
    web = page.get_by_role("treeitem", name=re.compile("^Deployment web"))
    await expect(page.get_by_role("treeitem", name=re.compile("^Pod web"))).to_have_count(2)
    before = await web.bounding_box()
    await suite.client.merge_patch(
        DEPLOYMENTS, "web", {"metadata": {"labels": {"colour": "red"}}, "spec": {"paused": True}}, namespace
    )
    await expect(page.get_by_role("treeitem", name=re.compile("^Deployment web, Suspended"))).to_be_visible()
    assert await web.bounding_box() == before


async def test_traffic_is_drawn_from_the_service_to_its_pods(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/applications/argocd/shop?view=network")
    tree = page.get_by_role("tree", name="How traffic reaches shop")
    await expect(tree.get_by_role("treeitem", name=re.compile("^Service web"))).to_be_visible()
    pods = tree.get_by_role("treeitem", name=re.compile("^Pod web"))
    await expect(pods).to_have_count(2)
    await expect(pods.first).to_have_attribute("aria-level", "3")
    await axe(page)
    await screenshot(page, "application-network")


async def test_the_network_begins_at_the_addresses_outside(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    manifests = (deployment("web"), service("web"), INGRESS)
    repo = await suite.repository({"app/all.yaml": "---\n".join(manifests)})
    namespace = await suite.namespace()
    name = await suite.application(suite.url(repo), namespace)
    await suite.until_app(name, lambda app: sync_of(app) == "Synced")
    reached = {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}}
    await suite.client.merge_patch(INGRESSES, "front", reached, namespace, subresource="status")
    await page.goto(f"/applications/argocd/{name}?view=network")
    tree = page.get_by_role("tree")
    address = tree.get_by_role("treeitem", name="Address 203.0.113.7")
    for item, level in (
        (address, "2"),
        (tree.get_by_role("treeitem", name=re.compile("^Ingress front, Healthy")), "3"),
        (tree.get_by_role("treeitem", name=re.compile("^Service web")), "4"),
        (tree.get_by_role("treeitem", name=re.compile("^Pod web-")), "5"),
    ):
        await expect(item).to_have_attribute("aria-level", level)
    await expect(tree).to_contain_text("shop.example/cart")
    await axe(page)
    await screenshot(page, "application-addresses")
    await address.click()
    await expect(page).to_have_url(re.compile("node=networking.k8s.io%2FIngress%2F.*%2Ffront"))


async def test_a_child_application_says_how_it_fares_itself_and_leads_on(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    child, namespace = suite.unique("child"), await suite.namespace()
    spec = {
        "project": "default",
        "source": {"repoURL": suite.url(suite.platform), "path": "edited", "targetRevision": "main"},
        "destination": {"server": IN_CLUSTER, "namespace": namespace},
    }
    manifest = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": child}}
    repo = await suite.repository({"app/child.yaml": json.dumps({**manifest, "spec": spec})})
    name = await suite.application(suite.url(repo), CONTROL)
    await page.goto(f"/applications/argocd/{name}")
    item = page.get_by_role("treeitem", name=re.compile(f"^Application {child}, Missing.*itself out of sync"))
    await expect(item).to_be_visible()
    await axe(page)
    await screenshot(page, "application-child")
    await item.click()
    await expect(page).to_have_url(re.compile(f"/applications/argocd/{child}$"))
    await expect(page.get_by_role("heading", level=1)).to_have_text(child)


async def test_orphans_are_shown_where_the_project_asks_for_them_and_its_windows_are_said(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    project, namespace = suite.unique("orphaned"), await suite.namespace()
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "orphanedResources": {"warn": True},
    }
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": project}}
    await suite.client.create(PROJECTS, {**body, "spec": spec}, CONTROL)
    repo = await suite.repository({"app/settings.yaml": config_map("settings", colour="blue")})
    name = await suite.application(suite.url(repo), namespace, project=project)
    await suite.settled(name)
    stray = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stray"}}
    await suite.client.create(CONFIG_MAPS, stray, namespace)
    await suite.with_condition(name, "OrphanedResourceWarning")
    window = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}
    await suite.client.merge_patch(PROJECTS, project, {"spec": {"syncWindows": [window]}}, CONTROL)
    await page.goto(f"/applications/argocd/{name}")
    await expect(page.get_by_role("treeitem", name=re.compile("^ConfigMap stray.*, orphan"))).to_be_visible()
    state = page.get_by_role("region", name="State")
    await expect(state).to_contain_text("A window forbids syncs now")
    await expect(state).to_contain_text("1 warning")
    await axe(page)
    await screenshot(page, "application-orphans")
    await page.get_by_role("group", name="View").get_by_text("List", exact=True).click()
    row = page.get_by_role("table", name="Objects of the application").get_by_role("row")
    await expect(row.filter(has_text="stray")).to_contain_text("orphan")


async def test_pods_are_grouped_by_the_node_that_runs_them(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/applications/argocd/many")
    await page.get_by_role("group", name="View").get_by_text("Pods", exact=True).click()
    pods = page.get_by_role("region", name="Pods", exact=True)
    await expect(pods.get_by_role("region", name=re.compile("^Node "))).not_to_have_count(0)
    await expect(pods.get_by_role("link", name=re.compile("^Pod worker-"))).to_have_count(12)
    await axe(page)
    await screenshot(page, "application-pods")
    await pods.get_by_text("Workload", exact=True).click()
    await expect(pods.get_by_role("region", name="Deployment worker-01")).to_be_visible()


async def test_the_list_is_sorted_and_opened_with_the_keyboard(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/applications/argocd/many?view=list")
    table = page.get_by_role("table", name="Objects of the application")
    await expect(table).to_have_attribute("aria-rowcount", re.compile(r"^2\d\d$"))
    await table.get_by_role("button", name="Name", exact=True).click()
    await expect(table.get_by_role("row").nth(1)).to_contain_text("setting-000")
    await axe(page)
    await screenshot(page, "application-list")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.get_by_role("heading", level=1).click()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"node=%2FConfigMap%2Fmany-prod%2Fsetting-001%2F0"))


async def test_two_thousand_objects_are_laid_out_at_once_and_readable(
    page: Page, suite: Stage, guard: Guard, axe: Axe, screenshot: Screenshot
) -> None:
    stream = made_up(2_000)

    async def answer(route: Route) -> None:
        await route.fulfill(status=200, content_type="text/event-stream", body=stream)

    await fetched_only(page)
    await page.route("**/api/v1/stream/view/application*", answer)
    await page.goto("/applications/argocd/shop")
    tree = page.get_by_role("tree")
    await expect(page.get_by_text("2,000 objects, 5 need a look")).to_be_visible()
    await expect(
        tree.get_by_role("treeitem", name=re.compile("^Deployment service-007, Degraded"))
    ).to_be_visible()
    assert await tree.get_by_role("treeitem").count() < 60
    await axe(page, themes=("light",))
    await screenshot(page, "application-2000")
    await page.get_by_role("treeitem", name=re.compile("^399 Deployments, all well")).click()
    await page.get_by_role("button", name="Show all of it").click()
    await expect(tree).to_have_attribute("data-structure", "laid-out")
    taken = int(str(await tree.get_attribute("data-milliseconds")))
    assert taken <= ENOUGH, f"laid out in {taken} ms"
    await screenshot(page, "application-2000-open", widths=(1440,), themes=("light",))


async def test_two_thousand_alike_are_a_grid_that_can_be_read(
    page: Page, suite: Stage, screenshot: Screenshot
) -> None:
    shared = {"version": "v1", "kind": "ConfigMap", "namespace": "shop", "managed": True, "sync": "Synced"}
    nodes = [{**shared, "name": f"setting-{number:04}", "uid": f"c{number}"} for number in range(2_000)]
    stream = told(nodes)

    async def answer(route: Route) -> None:
        await route.fulfill(status=200, content_type="text/event-stream", body=stream)

    await fetched_only(page)
    await page.route("**/api/v1/stream/view/application*", answer)
    await page.set_viewport_size({"width": 3840, "height": 2160})
    await page.goto("/applications/argocd/shop")
    tree = page.get_by_role("tree")
    await page.get_by_role("treeitem", name=re.compile("^2,?000 ConfigMaps, all well")).click()
    await expect(page.locator(CARD.format("setting-0000"))).to_be_visible()
    await page.get_by_role("button", name="Show all of it").click()
    await expect(tree).to_have_attribute("data-structure", "laid-out")
    taken = int(str(await tree.get_attribute("data-milliseconds")))
    assert taken <= ENOUGH, f"laid out in {taken} ms"
    await expect(page.locator("[role=treeitem]")).to_have_count(2_002)
    for name in ("setting-0000", "setting-1999"):
        box = await page.locator(CARD.format(name)).bounding_box()
        assert box is not None
        assert box["height"] > LEAST, f"{name} is {box['height']} px high, which nobody can read"
    await screenshot(page, "application-grid", widths=(3840,), themes=("light",))


def made_up(count: int) -> str:
    """What the stream would tell of an application of so many objects, one workload of which is broken."""
    nodes: list[dict[str, Any]] = []
    for number in range(count // 5):
        name = f"service-{number:03}"
        health = {"status": "Degraded", "message": "back-off"} if number == 7 else {"status": "Healthy"}
        shared = {"version": "v1", "namespace": "shop", "health": health, "createdAt": "2026-01-01T00:00:00Z"}
        top = {"group": "apps", "kind": "Deployment", "name": name, "uid": f"d{number}"}
        replicas = {"group": "apps", "kind": "ReplicaSet", "name": f"{name}-5d9", "uid": f"r{number}"}
        nodes.append({**shared, **top, "managed": True, "sync": "Synced"})
        nodes.append({**shared, **replicas, "parentRefs": [{**top, "namespace": "shop"}]})
        nodes += [
            {
                **shared,
                "kind": "Pod",
                "name": f"{name}-5d9-{pod}",
                "uid": f"p{number}-{pod}",
                "parentRefs": [{**replicas, "namespace": "shop"}],
                "info": [{"name": "Node", "value": f"node-{pod}"}, {"name": "Containers", "value": "1/1"}],
            }
            for pod in range(3)
        ]
    return told(nodes)


def told(nodes: list[dict[str, Any]]) -> str:
    """The stream of an application with these nodes."""
    application = {
        "metadata": {"name": "shop", "namespace": "argocd", "uid": "made-up"},
        "spec": {"project": "default", "destination": {"name": "in-cluster", "namespace": "shop"}},
        "status": {
            "sync": {"status": "Synced"},
            "health": {"status": "Degraded"},
        },
    }
    events = (
        {"type": "APPLICATION", "application": application},
        {"type": "TREE", "whole": True, "nodes": nodes, "hosts": [], "orphans": []},
    )
    return "".join(f"id: {number}\ndata: {json.dumps(event)}\n\n" for number, event in enumerate(events))
