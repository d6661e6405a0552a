"""What the tests of the panel of one object look at: an application with pods that say things."""

from urllib.parse import quote

import msgspec
from playwright.async_api import Locator, Page, expect

from tests.e2e.world import CONTROL, config_map
from tests.ui.stage import Stage, deployment

SAYS = "\\e[31mHello\\e[0m <b>there</b> \\u202egnp.exe"
"""What each line of the pods' logs begins with, as YAML spells it."""
ANNOTATIONS = f"""      annotations:
        fairlead.dev/log: "{SAYS}"
        fairlead.dev/log-every: 1s
        fairlead.dev/shells: sh
"""
SECRET = "hunter2-object-canary"
SECRETS = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  password: {SECRET}\n"
ODD = """apiVersion: v1
kind: ConfigMap
metadata:
  name: odd
  annotations:
    link.argocd.argoproj.io/bad: javascript:alert(1)
    link.argocd.argoproj.io/good: Runbook|https://runbook.example/odd
    words: <script>document.title='hacked'</script>
data:
  page: <img src=x onerror="document.title='hacked'">
"""


PASTE = """(editor, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  editor.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}"""


class Objects(msgspec.Struct, frozen=True, kw_only=True):
    """The application, and where its objects are."""

    name: str
    namespace: str

    def link(self, group: str, kind: str, name: str, tab: str = "") -> str:
        """The address of an object's panel."""
        node = quote(f"{group}/{kind}/{self.namespace}/{name}/0", safe="")
        return f"/applications/{CONTROL}/{self.name}?node={node}" + (f"&tab={tab}" if tab else "")

    async def open(self, page: Page, group: str, kind: str, name: str, tab: str = "") -> Locator:
        """The panel of an object, once it is there."""
        await page.goto(self.link(group, kind, name, tab))
        panel = page.get_by_role("complementary").filter(has=page.get_by_role("heading", name=name))
        await expect(panel).to_be_visible()
        return panel


async def make(stage: Stage) -> Objects:
    """The application, settled, with nobody who takes back what is done by hand."""
    pods = deployment("web", replicas=2).replace(
        "    spec:\n      containers", f"{ANNOTATIONS}    spec:\n      containers"
    )
    web = f"{pods}      - name: side\n        image: busybox:1.36\n"
    manifests = "---\n".join((web, SECRETS, ODD, config_map("settings", colour="blue", size="10")))
    repo = await stage.repository({"app/all.yaml": manifests}, stem="objects")
    namespace = await stage.namespace()
    name = await stage.application(stage.url(repo), namespace, automated={"prune": True})
    await stage.settled(name)
    return Objects(name=name, namespace=namespace)


async def written(page: Page, editor: Locator, text: str) -> None:
    """Paste a text in the place of what an editor has."""
    await editor.click()
    await page.keyboard.press("Control+a")
    await editor.evaluate(PASTE, text)
