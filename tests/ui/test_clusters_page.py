"""Clusters in the browser: how they are, what is on them, what may be said anew, what removing one means."""

import base64
import re
from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.world import CONTROL, SECRETS
from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

CANARY = "never-in-a-browser"


@pytest_asyncio.fixture(loop_scope="session")
async def away(suite: Stage) -> AsyncIterator[tuple[str, str]]:
    """Name and server of a cluster that nobody answers for, by a Secret that the API did not make."""
    name = suite.unique("away")
    server = f"https://{name}.invalid:6443"
    data = {"name": name, "server": server, "config": msgspec.json.encode({"bearerToken": CANARY}).decode()}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"cluster-{name}",
            "labels": {"argocd.argoproj.io/secret-type": "cluster", "region": "north"},
        },
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }
    await suite.client.create(SECRETS, body, CONTROL)
    yield name, server
    await suite.client.delete(SECRETS, f"cluster-{name}", CONTROL)


async def test_clusters_are_listed_with_their_state_and_what_is_on_them(
    page: Page, suite: Stage, away: tuple[str, str], axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/settings/clusters")
    local = page.get_by_role("row").filter(has_text="in-cluster")
    await expect(local.get_by_text("Successful")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text=away[0])).to_be_visible()
    await axe(page)
    await screenshot(page, "clusters")
    assert CANARY not in await page.content()
    await local.get_by_role("link", name="in-cluster").click()
    state = page.get_by_role("region", name="State", exact=True)
    await expect(state.get_by_text("https://kubernetes.default.svc")).to_be_visible()
    await expect(state.get_by_text(re.compile(r"^v?1\.\d+"))).to_be_visible()
    await page.get_by_text("API versions that it serves").click()
    await expect(page.get_by_text("Deployment").first).to_be_visible()
    await expect(page.get_by_role("button", name="Remove")).to_have_attribute("aria-disabled", "true")
    await axe(page)
    await screenshot(page, "cluster")


async def test_labels_of_a_cluster_are_changed_and_its_credentials_stay(
    page: Page, suite: Stage, away: tuple[str, str], axe: Axe, screenshot: Screenshot
) -> None:
    name, _ = away
    await page.goto("/settings/clusters")
    await page.get_by_role("link", name=name).click()
    await page.get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog")
    labels = form.get_by_role("group", name="Labels")
    await expect(labels.get_by_label("Key 1")).to_have_value("region")
    await labels.get_by_role("button", name="Add").click()
    await labels.get_by_label("Key 2").fill("tier")
    await labels.get_by_label("Value 2").fill("edge")
    await form.get_by_label("Namespaces").fill("web, shop")
    await axe(page)
    await screenshot(page, "cluster-form")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    declared = page.get_by_role("region", name="Declared", exact=True)
    await expect(declared.get_by_text("tier: edge")).to_be_visible()
    await expect(declared.get_by_text("web, shop")).to_be_visible()
    stored = msgspec.json.decode(await suite.client.get(SECRETS, f"cluster-{name}", CONTROL))
    assert CANARY in base64.b64decode(stored["data"]["config"]).decode()
    await page.get_by_role("button", name="Invalidate cache").click()
    await expect(page.get_by_text("The cluster is being read anew")).to_be_visible()


async def test_removing_a_cluster_says_what_becomes_of_what_is_on_it(
    page: Page, suite: Stage, away: tuple[str, str], axe: Axe, screenshot: Screenshot
) -> None:
    name, _ = away
    await page.goto("/settings/clusters")
    await page.get_by_role("link", name=name).click()
    await page.get_by_role("button", name="Remove").click()
    form = page.get_by_role("dialog")
    await expect(form.get_by_text("No application goes there.")).to_be_visible()
    await expect(form.get_by_text("Nothing in the cluster is touched")).to_be_visible()
    await axe(page)
    await screenshot(page, "cluster-remove")
    await form.get_by_label(f"Type {name} to confirm").fill(name)
    await form.get_by_role("button", name="Remove").click()
    await expect(page).to_have_url(re.compile(r"/settings/clusters$"))
    await expect(page.get_by_role("row").filter(has_text="in-cluster")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)
    stored = msgspec.json.decode(await suite.client.get(SECRETS, f"cluster-{name}", CONTROL))
    assert "argocd.argoproj.io/secret-type" not in stored["metadata"]["labels"], "what others made stays"
