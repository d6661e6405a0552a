"""What holds of every page, panel and question: no barrier in either theme, nothing off a phone's side."""

from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot

APPLICATION = "/applications/argocd"
EDITED = quote("/ConfigMap/edited-prod/edited/0", safe="")
WEB = quote("apps/Deployment/shop-prod/web/0", safe="")
OWN = quote("argoproj.io/Application/argocd/charted/0", safe="")
PAGES: dict[str, tuple[str, ...]] = {
    "applications": (
        "/applications?view=tiles&proj=default",
        "/applications?view=table",
        "/applications?view=summary",
        "/applications?search=nowhere-to-be-found",
        "/applications?new=",
    ),
    "application": (
        f"{APPLICATION}/shop",
        f"{APPLICATION}/shop?view=pods",
        f"{APPLICATION}/shop?view=network",
        f"{APPLICATION}/broken?view=list",
    ),
    "beside": (
        f"{APPLICATION}/shop?operation=true",
        f"{APPLICATION}/shop?conditions=true",
        f"{APPLICATION}/shop?story=true",
        f"{APPLICATION}/edited?why=true",
    ),
    "changing": (
        f"{APPLICATION}/edited?deploy=all",
        f"{APPLICATION}/shop?rollback=0",
    ),
    "details": (
        f"{APPLICATION}/charted?node={OWN}&tab=summary",
        f"{APPLICATION}/charted?node={OWN}&tab=parameters",
        f"{APPLICATION}/charted?node={OWN}&tab=edit",
        f"{APPLICATION}/charted?node={OWN}&tab=events",
        f"{APPLICATION}/charted?node={OWN}&tab=images",
    ),
    "object": (
        f"{APPLICATION}/shop?node={WEB}",
        f"{APPLICATION}/shop?node={WEB}&tab=manifest",
        f"{APPLICATION}/edited?node={EDITED}&tab=diff",
        f"{APPLICATION}/shop?node={WEB}&tab=events",
    ),
    "settings": (
        "/resources",
        "/applicationsets",
        "/settings",
        "/settings/repos",
        "/settings/certs",
        "/settings/gpgkeys",
        "/settings/clusters",
        "/settings/clusters/https%3A%2F%2Fkubernetes.default.svc",
    ),
    "people": (
        "/settings/projects",
        "/settings/projects/default",
        "/settings/projects/default?tab=roles",
        "/settings/projects/default?tab=windows",
        "/settings/accounts",
        "/settings/accounts/admin",
        "/settings/appearance",
        "/user-info",
        "/help",
    ),
}
QUESTIONS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "settings": (
        ("/settings/repos", ("Connect repository",)),
        ("/settings/repos", ("New credential template",)),
        ("/settings/certs", ("Add TLS certificate",)),
        ("/settings/certs", ("Add SSH known hosts",)),
        ("/settings/gpgkeys", ("Add key",)),
        ("/settings/clusters", ("Add cluster",)),
        ("/settings/clusters/https%3A%2F%2Fkubernetes.default.svc", ("Edit",)),
    ),
    "projects": (
        ("/settings/projects", ("New project",)),
        ("/settings/projects/default", ("Edit description",)),
        ("/settings/projects/default?tab=roles", ("Add role",)),
        ("/settings/projects/default?tab=windows", ("Add window",)),
    ),
    "applications": (
        ("/applications", ("Views",)),
        (f"{APPLICATION}/shop", ("Keys",)),
        (f"{APPLICATION}/shop", ("More", "Delete")),
        (f"{APPLICATION}/shop?node={WEB}", ("Delete this Deployment",)),
    ),
}
HERE = """() => !document.querySelector('[aria-busy="true"]') && !!document.querySelector('h1')"""
OUTSIDE = """() => {
  const clips = (element) => {
    for (let one = element.parentElement; one; one = one.parentElement) {
      if (/auto|scroll|hidden/.test(getComputedStyle(one).overflowX)) return true;
    }
    return false;
  };
  const all = [...document.querySelectorAll('a, button, input, select, textarea, h1, h2, p')];
  const outside = all.filter((one) => {
    const { left, right, width, height } = one.getBoundingClientRect();
    return width > 2 && height > 2 && (left < -1 || right > innerWidth + 1) && !clips(one);
  });
  const { scrollWidth, clientWidth } = document.querySelector('main') ?? document.documentElement;
  return [
    ...outside.map((one) => one.outerHTML.slice(0, 120)),
    ...(scrollWidth > clientWidth ? [`the content is ${scrollWidth} wide in ${clientWidth}`] : []),
  ];
}"""
SMALL = ((360, 740), (720, 450))
"""A phone, and 1440 by 900 at 200 %."""


@pytest.mark.parametrize("part", PAGES)
async def test_no_page_has_a_barrier_or_is_wider_than_a_phone(
    page: Page, axe: Axe, screenshot: Screenshot, part: str
) -> None:
    for number, address in enumerate(PAGES[part]):
        await page.goto(address)
        await page.wait_for_function(HERE)
        await axe(page)
        for width, height in SMALL:
            await page.set_viewport_size({"width": width, "height": height})
            assert not await page.evaluate(OUTSIDE), f"{address} at {width} px"
        await screenshot(page, f"every-{part}-{number}", widths=(360, 1440))
        await page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("part", QUESTIONS)
async def test_no_question_has_a_barrier_and_each_gives_the_focus_back(
    page: Page, axe: Axe, screenshot: Screenshot, part: str
) -> None:
    for number, (address, names) in enumerate(QUESTIONS[part]):
        await page.goto(address)
        await page.wait_for_function(HERE)
        for name in names:
            button = page.get_by_role("button", name=name, exact=True)
            await button.or_(page.get_by_role("menuitem", name=name)).first.click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        await axe(page, "dialog")
        await screenshot(page, f"question-{part}-{number}", widths=(360, 1440))
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(page.get_by_role("button", name=names[0], exact=True).first).to_be_focused()
