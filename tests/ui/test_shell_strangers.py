"""What a page of somebody else can make a browser do that is logged in here: nothing."""

from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, Response, expect

from tests.ui.conftest import COOKIE
from tests.ui.guard import Guard
from tests.ui.stage import Stage
from tests.ui.test_shell_login import log_in

SEND = """async ([routes, server]) => {
  const tried = [];
  for (const [verb, path] of routes) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
      const init = { method: verb, credentials: 'include', body: '{}', headers: { 'Content-Type': type } };
      if (verb === 'POST' && type !== 'application/json') init.mode = 'no-cors';
      tried.push(fetch(server + path, init).then((answer) => answer.type, () => 'refused'));
    }
  }
  return [...new Set(await Promise.all(tried))];
}"""
READ = """(server) => fetch(server + '/api/v1/applications', { credentials: 'include' })
  .then((answer) => answer.text(), () => 'refused')"""
CONNECT = """(address) => new Promise((done) => {
  const line = new WebSocket(address);
  line.onmessage = () => done('let in');
  line.onclose = () => done('refused');
})"""
FRAME = """(address) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.onload = () => done(true);
  frame.src = address;
  document.body.append(frame);
})"""


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[str]:
    """A site of the same host, to which browsers send our cookie: the worst neighbour."""
    app = web.Application()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Elsewhere</title><body>", content_type="text/html")

    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_a_page_of_others_changes_reads_frames_and_follows_nothing(
    anonymous: Page, suite: Stage, guard: Guard, elsewhere: str
) -> None:
    guard.allow("CORS policy|ERR_|WebSocket connection|status of 4|frame-ancestors|X-Frame-Options")
    page = anonymous
    seen: list[Response] = []

    def saw(answer: Response) -> None:
        seen.append(answer)

    page.on("response", saw)
    await page.goto("/login?return_url=/help")
    await log_in(page, "admin", suite.password)
    await expect(page.get_by_role("heading", name="Help")).to_be_visible()
    [cookie] = [one for one in await page.context.cookies() if one["name"] == COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    ours = {one.url: one for one in seen if "/api/v1/" in one.url}
    for answer in ours.values():
        headers = await answer.all_headers()
        assert headers["cache-control"] in ("no-store", "private, no-cache"), answer.url
        assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")

    async with suite.http.get(f"{suite.address}/swagger.json") as described:
        paths = msgspec.json.decode(await described.read())["paths"]
    routes = [
        (verb.upper(), path.replace("{", "").replace("}", ""))
        for path, verbs in paths.items()
        for verb in verbs
        if verb.upper() in ("POST", "PUT", "PATCH", "DELETE")
    ]
    assert len(routes) > 50
    stranger = await page.context.new_page()
    answers: list[Response] = []

    def answered(answer: Response) -> None:
        answers.append(answer)

    stranger.on("response", answered)
    await stranger.goto(elsewhere)
    assert set(await stranger.evaluate(SEND, [routes, suite.address])) == {"opaque", "refused"}
    done = [one for one in answers if one.url.startswith(suite.address) and one.request.method != "OPTIONS"]
    sent = {one.request.method for one in done}
    assert (sent, {one.status for one in done}) == ({"POST"}, {415}), "only what a form could send, refused"
    assert await stranger.evaluate(READ, suite.address) == "refused"
    for path in ("/api/v1/streams", "/terminal?pod=a&container=b&appName=c&projectName=d&namespace=e"):
        assert (await stranger.evaluate(CONNECT, suite.address.replace("http", "ws", 1) + path)) == "refused"
    for path in ("/applications", "/login", "/terminal.html"):
        assert await stranger.evaluate(FRAME, suite.address + path)
        assert not [one for one in stranger.frames if one.url.startswith(suite.address)]


async def test_links_to_other_sites_take_neither_the_page_nor_its_address_along(
    page: Page, suite: Stage
) -> None:
    name = await suite.own()
    annotations = {"link.argocd.argoproj.io/runbook": "Runbook|https://runbook.example/shop"}
    await suite.patch_app(name, {"metadata": {"annotations": annotations}})
    node = f"argoproj.io%2FApplication%2Fargocd%2F{name}%2F0"
    await page.goto(f"/applications/argocd/{name}?node={node}")
    outside = page.locator(f"a[href^='http']:not([href^='{suite.address}'])")
    await expect(outside.first).to_be_visible()
    for link in await outside.all():
        assert await link.get_attribute("rel") == "noopener noreferrer", await link.get_attribute("href")
