"""Clusters in the browser: how they are, what is on them, what may be said anew, what removing one means."""

import base64
import re
from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
from playwright.async_api import Page, Response, expect

from fairlead.kube.resource import Resource
from tests.e2e.world import CONTROL, SECRETS
from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

CLUSTERS = "argocd.argoproj.io/secret-type=cluster"
CANARY = "never-in-a-browser"
ACCOUNTS = Resource(group="", version="v1", plural="serviceaccounts", kind="ServiceAccount", namespaced=True)
TOKEN = "kubernetes.io/service-account-token"
BINDINGS = Resource(
    group="rbac.authorization.k8s.io",
    version="v1",
    plural="clusterrolebindings",
    kind="ClusterRoleBinding",
    namespaced=False,
)


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


@pytest_asyncio.fixture(loop_scope="session")
async def kubeconfig(suite: Stage) -> AsyncIterator[tuple[str, str, str]]:
    """A kubeconfig to the suite's own cluster by another address, its name there, and its token."""
    name = suite.unique("added")
    await suite.client.create(ACCOUNTS, {"metadata": {"name": name}}, CONTROL)
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    who = {"kind": "ServiceAccount", "name": name, "namespace": CONTROL}
    await suite.client.create(BINDINGS, {"metadata": {"name": name}, "roleRef": role, "subjects": [who]})
    annotations = {"kubernetes.io/service-account.name": name}
    made = {"metadata": {"name": name, "annotations": annotations}, "type": TOKEN}
    await suite.client.create(SECRETS, made, CONTROL)
    found: dict[str, str] = {}

    async def is_filled() -> bool:
        found.update(msgspec.json.decode(await suite.client.get(SECRETS, name, CONTROL)).get("data") or {})
        return "token" in found

    await suite.until(is_filled, "the account has a token")
    token = base64.b64decode(found["token"]).decode()
    server = re.sub(r"//[^:]+:", "//localhost:", suite.suite.connection.server)
    text = msgspec.json.encode(
        {
            "current-context": "main",
            "contexts": [{"name": "main", "context": {"cluster": name, "user": "me"}}],
            "clusters": [
                {"name": name, "cluster": {"server": server, "certificate-authority-data": found["ca.crt"]}}
            ],
            "users": [{"name": "me", "user": {"token": token}}],
        }
    ).decode()
    yield text, name, token
    await suite.ask("DELETE", f"/api/v1/clusters/{name}", **{"id.type": "name"})
    await suite.client.delete(BINDINGS, name)
    await suite.client.delete(ACCOUNTS, name, CONTROL)


async def test_a_cluster_is_registered_from_a_kubeconfig_and_gets_a_new_token(
    page: Page, suite: Stage, kubeconfig: tuple[str, str, str], screenshot: Screenshot, guard: Guard
) -> None:
    guard.allow(r"status of [45]\d\d")
    text, name, token = kubeconfig
    answers: list[Response] = []
    page.on("response", lambda one: answers.append(one) if "/api/v1/clusters" in one.url else None)
    await page.goto("/settings/clusters")
    await page.get_by_role("button", name="Add cluster").click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="Register").click()
    await expect(form.get_by_text("Needed").first).to_be_visible()
    await form.get_by_text("Fill it from a kubeconfig").click()
    await form.get_by_label("Kubeconfig").fill(text)
    await expect(form.get_by_role("textbox", name="Server", exact=True)).to_have_value(
        re.compile("^https://localhost:")
    )
    await expect(form.get_by_label("Name", exact=True)).to_have_value(name)
    secret = form.get_by_label("Bearer token")
    await expect(secret).to_have_value(token)
    await expect(secret).to_have_attribute("type", "password")
    await screenshot(page, "cluster-add")
    await secret.fill("wrong")
    await form.get_by_role("button", name="Register").click()
    await expect(form.get_by_role("alert").last).to_contain_text(re.compile("nauthorized|credentials|401"))
    await secret.fill(token)
    await form.get_by_role("button", name="Register").click()
    await expect(form).to_have_count(0)
    await page.get_by_role("link", name=name).click()
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    await page.get_by_role("button", name="Rotate token").click()
    await form.get_by_role("button", name="Rotate").click()
    await expect(page.get_by_text(f"{name} has a new token")).to_be_visible()
    stored = [
        {key: base64.b64decode(value).decode() for key, value in msgspec.json.decode(raw)["data"].items()}
        for raw in await suite.client.list_all(SECRETS, CONTROL, label_selector=CLUSTERS)
    ]
    [config] = [msgspec.json.decode(one["config"]) for one in stored if one.get("name") == name]
    assert config["bearerToken"] not in ("", token)
    told = "".join([await one.text() for one in answers])
    assert not any(each in told for each in (token, config["bearerToken"]))


async def test_credentials_of_a_cluster_are_replaced_only_when_that_is_asked_for(
    page: Page, suite: Stage, away: tuple[str, str], guard: Guard, screenshot: Screenshot
) -> None:
    guard.allow(r"status of [45]\d\d")
    name, server = away
    await page.goto("/settings/clusters")
    await page.get_by_role("link", name=name).click()
    await page.get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Project", exact=True).fill("default")
    await form.get_by_label("Project", exact=True).press("Tab")
    await form.get_by_label("Shard").fill("0")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    declared = page.get_by_role("region", name="Declared", exact=True)
    await expect(declared.get_by_role("link", name="default")).to_be_visible()
    await page.get_by_role("button", name="Edit").click()
    await form.get_by_label("Replace credentials and certificates").check()
    await form.get_by_label("Credentials", exact=True).select_option(label="Client certificate")
    await form.get_by_role("textbox", name="Client certificate", exact=True).fill("rubbish")
    await expect(form.get_by_text("PEM, or PEM in base64")).to_be_visible()
    await form.get_by_label("Credentials", exact=True).select_option(label="Amazon EKS")
    await form.get_by_label("Name of the EKS cluster").fill("prod")
    await screenshot(page, "cluster-credentials", widths=(1440,))
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert").last).to_contain_text(re.compile(r"\w"))
    await form.get_by_role("button", name="Cancel").click()
    stored = msgspec.json.decode(await suite.client.get(SECRETS, f"cluster-{name}", CONTROL))
    values = {key: base64.b64decode(value).decode() for key, value in stored["data"].items()}
    assert CANARY in values["config"], "what was refused changed nothing"
    assert (values["project"], values["shard"], values["server"]) == ("default", "0", server)
