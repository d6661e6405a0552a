"""The browser that the tests drive: the machine's own Chromium or Chrome, else the one from the registry.

Invariant: the registry's is unpacked once into the cache, whole or not at all.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from playwright.async_api import Browser, async_playwright

from fairlead.local.node import node
from fairlead.local.sources import cache_folder
from fairlead.local.ui import ui_packages

VARIABLE = "FAIRLEAD_CHROME"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGE = "@sparticuz/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--headless=shell", "--font-render-hinting=none")
UNPACK = "import(process.argv[1]).then((m) => m.default.executablePath()).then((file) => console.log(file))"
UNPACK_SECONDS = 300


def browser_program() -> Path:
    """The program; raises a LocalError when there is none and none can be had. Blocks."""
    own = os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(own) if own else _unpacked(ui_packages() / PACKAGE)


def _unpacked(package: Path) -> Path:
    version = msgspec.json.decode((package / "package.json").read_bytes())["version"]
    folder = cache_folder() / "browser" / f"chromium-{version}"
    if not (folder / "chromium").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".partial-") as partial:
            _unpack(package, Path(partial) / "browser")
            try:
                (Path(partial) / "browser").rename(folder)
            except OSError:
                if not folder.exists():  # else somebody else was first, with the same content
                    raise
    return folder / "chromium"


def _unpack(package: Path, folder: Path) -> None:
    folder.mkdir()
    subprocess.run(
        [node().program, "-e", UNPACK, str(package / "build" / "index.js")],
        env={**os.environ, "TMPDIR": str(folder)},
        check=True,
        capture_output=True,
        timeout=UNPACK_SECONDS,
    )


@asynccontextmanager
async def running_browser(program: Path) -> AsyncIterator[Browser]:
    """A browser without windows."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()
