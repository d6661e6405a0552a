"""What a browser complains of while a test runs."""

import re

from playwright.async_api import BrowserContext, ConsoleMessage, WebError

WATCH = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


class Guard:
    """Collects complaints; those that match an allowed pattern are none."""

    def __init__(self) -> None:
        self._complaints: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        """Expect complaints in which this regular expression is found, such as `status of 403`."""
        self._allowed.append(re.compile(pattern))

    def watch(self, context: BrowserContext) -> None:
        """Listen to all pages of a context."""
        context.on("console", self._heard)
        context.on("weberror", self._thrown)

    def verdict(self) -> None:
        """Fail when there is a complaint that was not expected."""
        found = [
            text for text in self._complaints if not any(pattern.search(text) for pattern in self._allowed)
        ]
        assert not found, "the browser complained:\n" + "\n".join(found)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location
            self._complaints.append(f"{message.text} ({place.get('url', '')}:{place.get('lineNumber', '')})")

    def _thrown(self, error: WebError) -> None:
        self._complaints.append(f"exception: {error.error}")
