"""What goes to the backend of an extension and comes back, and which files are scripts of the web UI."""

import os
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as some
from multidict import CIMultiDict, CIMultiDictProxy

from fairlead.api_server.extensions import scripts
from fairlead.api_server.extensions.asked import Asked, asked
from fairlead.api_server.extensions.headers import forwarded, returned
from fairlead.api_server.extensions.refused import RefusedError
from fairlead.api_server.extensions.scripts import Scripts, listed
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.registered import RegisteredCluster
from fairlead.api_server.ui.page import extended

WANTED = Asked("argocd", "shop", "team")
CLUSTER = RegisteredCluster(server="https://one.example", name="one")
CALLER = Caller(username="sub-1", shown="ada@example.org", groups=("dev", "a,b", "x\ny"), address="10.0.0.1")


def sent(headers: dict[str, str] | list[tuple[str, str]], **added: str) -> CIMultiDict[str]:
    given = CIMultiDictProxy(CIMultiDict(headers))
    return forwarded(given, asked=WANTED, caller=CALLER, cluster=CLUSTER, namespace="argocd", added=added)


def test_a_backend_is_told_what_was_verified_and_nothing_of_our_session() -> None:
    found = sent(
        {
            "Cookie": "argocd.token=secret; other=1",
            "Authorization": "Bearer secret",
            "token": "secret",
            "argocd-username": "admin",
            "ARGOCD-USER-GROUPS": "admins",
            "Argocd-Anything": "x",
            "Argocd_Username": "admin",
            "Argocd-Application-Name": "argocd:other",
            "Connection": "close, X-Hop",
            "X-Hop": "1",
            "Host": "fairlead.example",
            "Accept": "text/plain",
            "X-Forwarded-For": "192.0.2.1",
        },
        Authorization="Bearer of the backend",
    )
    assert dict(found) == {
        "Accept": "text/plain",
        "X-Forwarded-For": "192.0.2.1, 10.0.0.1",
        "Authorization": "Bearer of the backend",
        "Argocd-Application-Name": "argocd:shop",
        "Argocd-Project-Name": "team",
        "Argocd-Namespace": "argocd",
        "Argocd-Target-Cluster-Name": "one",
        "Argocd-Target-Cluster-URL": "https://one.example",
        "Argocd-Username": "ada@example.org",
        "Argocd-User-Id": "sub-1",
        "Argocd-User-Groups": "dev",
    }


@given(
    some.text(alphabet="aArRgGoOcCdD-_uUsSeErRnNmM", min_size=1, max_size=20),
    some.sampled_from(["Cookie", "Authorization", "Token"]),
)
def test_no_spelling_of_a_header_gets_past(name: str, ours: str) -> None:
    spelled = "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(ours))
    found = sent([(spelled, "canary"), (f"argocd-{name}", "canary")])
    assert "canary" not in found.values()


def test_an_answer_does_not_speak_for_our_origin() -> None:
    answer = {
        "Content-Type": "text/html",
        "Set-Cookie": "argocd.token=stolen",
        "Access-Control-Allow-Origin": "*",
        "Clear-Site-Data": '"*"',
        "Service-Worker-Allowed": "/",
        "Content-Security-Policy": "script-src *",
        "Strict-Transport-Security": "max-age=1",
        "X-Content-Type-Options": "none",
        "Renew-Token": "stolen",
        "WWW-Authenticate": "Basic realm=ours",
        "Transfer-Encoding": "chunked",
        "X-Own": "kept",
    }
    found = returned(CIMultiDictProxy(CIMultiDict(answer)))
    assert dict(found) == {"Content-Type": "text/html", "X-Own": "kept"}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Argocd-Application-Name", "argocd:shop")],
        [("Argocd-Project-Name", "team")],
        [("Argocd-Application-Name", "shop"), ("Argocd-Project-Name", "team")],
        [("Argocd-Application-Name", ":shop"), ("Argocd-Project-Name", "team")],
        [("Argocd-Application-Name", "a:b:c"), ("Argocd-Project-Name", "team")],
        [("Argocd-Application-Name", "argocd/x:shop"), ("Argocd-Project-Name", "team")],
        [("Argocd-Application-Name", "argocd:shop"), ("Argocd-Project-Name", "team/argocd")],
        [
            ("Argocd-Application-Name", "argocd:shop"),
            ("argocd-application-name", "argocd:other"),
            ("Argocd-Project-Name", "team"),
        ],
    ],
)
def test_an_application_is_named_once_and_exactly(headers: list[tuple[str, str]]) -> None:
    request = make_mocked_request("GET", "/extensions/x", headers=CIMultiDict(headers))
    with pytest.raises(RefusedError) as refused:
        asked(request)
    assert refused.value.status == 400
    assert refused.value.words.startswith("Invalid headers: ")


async def test_scripts_are_what_lies_within_the_folder_by_their_name(tmp_path: Path) -> None:
    folder = tmp_path / "extensions"
    (folder / "b" / "..data").mkdir(parents=True)
    (folder / "a").mkdir()
    (folder / "b" / "..data" / "extension-2.js").write_text("two()")
    (folder / "b" / "extension-2.js").symlink_to("..data/extension-2.js")
    (folder / "a" / "extensions-One.js").write_text("one()")
    (folder / "a" / "other.js").write_text("no()")
    (folder / "a" / "extension.css").write_text("no()")
    (folder / ".extension-hidden.js").write_text("no()")
    (folder / "extension-dir.js").mkdir()
    (tmp_path / "secret").write_text("canary")
    (folder / "extension-leak.js").symlink_to(tmp_path / "secret")
    found = Scripts(str(folder))
    assert list(await found.found()) == ["a/extensions-One.js", "b/extension-2.js"]
    whole, _ = await (await found.whole()).content()
    assert whole.index(b"one()") < whole.index(b"two()")
    assert b"canary" not in whole
    assert whole.count(b"catch") == 2


async def test_without_scripts_a_page_says_nothing_of_any(tmp_path: Path) -> None:
    for folder in ("", str(tmp_path / "not-there"), str(tmp_path)):
        assert await Scripts(folder).found() == {}
    text = '<head><base href="/"></head>'
    name = 'x"><script>alert(1)</script>'
    folder = tmp_path / "extensions"
    folder.mkdir()
    (folder / "extension'&<b>.js").write_text("1")
    meta = extended(text, listed(await Scripts(str(folder)).found()))
    assert "<b>" not in meta
    assert "<script>" not in extended(text, name)


async def test_a_folder_that_is_too_large_is_told_and_one_that_changes_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "LOOK_AGAIN", 0.0)
    file = tmp_path / "extension-1.js"
    file.write_text("a()")
    found = Scripts(str(tmp_path))
    before = (await found.found())["extension-1.js"].version
    file.write_text("b()")
    os.utime(file, ns=(1, 1))
    assert (await found.found())["extension-1.js"].version != before
    monkeypatch.setattr(scripts, "MAX_BYTES", 2)
    os.utime(file, ns=(2, 2))
    assert await found.found() == {}
    monkeypatch.setattr(scripts, "MAX_BYTES", 200)
    assert list(await found.found()) == ["extension-1.js"]
    monkeypatch.setattr(scripts, "MAX_FILES", 0)
    os.utime(file, ns=(3, 3))
    assert await found.found() == {}
