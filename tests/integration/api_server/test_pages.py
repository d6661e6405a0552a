"""What a browser is shown beside the API: nobody's words but ours."""

import re

import aiohttp
import pytest
from yarl import URL

from tests.integration.api_server.conftest import Door

SCRIPT = "<script>alert(1)</script>"
PLACES = (
    "/",
    "/login",
    "/auth/login",
    "/auth/callback",
    "/auth/logout",
    "/api/badge",
    "/api/dex/x",
    "/api/webhook",
    "/api/v1/session",
    "/api/v1/nothing",
    "/swagger-ui",
    "/swagger.json",
    "/healthz",
    f"/{SCRIPT}",
    f"/api/{SCRIPT}",
    f"/api/v1/applications/{SCRIPT}",
)
KEYS = ("error", "error_description", "message", "sso_error", "has_sso_error", "return_url", "state", "code")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_no_words_of_an_address_become_a_page(verb: str, place: str, door: Door) -> None:
    url = URL(door.url + URL.build(path=place).raw_path, encoded=True).with_query(
        dict.fromkeys((*KEYS, "name"), SCRIPT)
    )
    headers = {"Content-Type": "application/json", "Cookie": f"argocd.token={SCRIPT}; x={SCRIPT}"}
    async with (
        aiohttp.ClientSession() as http,
        http.request(verb, url, headers=headers, data=b"{}", allow_redirects=False) as answer,
    ):
        text = await answer.text()
    assert answer.status < 500
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"] or place.startswith("/api/dex")
    assert "script" not in answer.headers.get("Location", "").lower()
    if answer.content_type not in ("text/plain", "application/json"):
        assert answer.content_type in ("text/html", "image/svg+xml", "application/octet-stream"), text[:200]
        assert not re.search(r"<\s*script|on\w+\s*=", text, re.IGNORECASE)
