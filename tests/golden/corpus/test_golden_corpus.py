"""The engine renders what the real helm and kustomize render, and refuses what they refuse.

Compared are the objects as canonical JSON: of Helm in no order, since it sorts what it prints by kinds.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from fairlead.archives import File, import_files
from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of
from fairlead.outbound import Outbound
from fairlead.render import RenderError, RenderInvalidError, RenderPool, RenderRequest
from fairlead.repo_server.supplying.chart import ChartProvider
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.shelf import Shelves
from fairlead.repo_server.supplying.supply import Supplier
from tests.golden.case import Case
from tests.golden.corpus.cases import Corpus, asked, folders
from tests.golden.corpus.drawn import overriding, printing
from tests.golden.corpus.offered import Offered
from tests.golden.corpus.tools import ToolError, Tools, built, copied, templated
from tests.integration.git.conftest import LOOPBACK

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CASES = folders()
STRICTER = {
    "helm-an-unknown-version-is-refused": "there is one Helm, and what asks for another is told so",
    "kustomize-an-unregistered-version-is-refused": "the version is the operator's to register",
}
"""Cases that a real tool renders and the engine refuses, by name, and why."""


DRAWN = 30
"""Charts that are drawn, of each sort."""


def tool_of(folder: Path, case: Case) -> str:
    """Which tool a case is for; "" for plain manifests and what is refused before any tool runs."""
    if len(case.options) > 1:
        return ""
    if chosen := next(iter(case.options), ""):
        return chosen if chosen in ("helm", "kustomize") and chosen.title() not in case.disabled_tools else ""
    place = folder / "repo" / case.path
    if "Kustomize" not in case.disabled_tools and any((place / name).exists() for name in KUSTOMIZATIONS):
        return "kustomize"
    return "helm" if (place / "Chart.yaml").exists() and "Helm" not in case.disabled_tools else ""


COMPARED = [(folder, tool) for folder in CASES if (tool := tool_of(folder, asked(folder)))]


def canonical(documents: Iterable[bytes]) -> list[str]:
    """Objects as canonical JSON, Lists as what they hold."""
    found: list[str] = []
    for document in documents:
        value: Any = json.loads(document)
        is_list = isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and "items" in value
        objects = value["items"] if is_list else [value] if value else []
        found += [json.dumps(one, sort_keys=True, ensure_ascii=False) for one in objects]
    return found


class Renderers:
    """The engine and the real tools on one corpus; what they say is either objects or a refusal."""

    def __init__(self, supplier: Supplier, pool: RenderPool, corpus: Corpus, tools: Tools) -> None:
        self._supplier, self._pool, self._corpus, self._tools = supplier, pool, corpus, tools

    async def engine(self, folder: Path, case: Case) -> tuple[list[str], str]:
        """What the engine makes of a case, with what it is supplied with."""
        try:
            return await self.render(case.request(self._corpus.mirror, self._corpus.commits[folder])), ""
        except RenderError as error:
            return [], str(error)

    async def render(self, request: RenderRequest) -> list[str]:
        """The objects of a request. Raises RenderError."""
        asker = Asker(
            project="default", source_repos=("*",), url="corpus", mirror=request.mirror, commit=request.commit
        )
        result, _ = await self._supplier.render(request, asker)
        return canonical(result.documents)

    async def tool(
        self, name: str, folder: Path, case: Case, scratch: Path, offered: Offered
    ) -> tuple[list[bytes], str]:
        """What a real tool makes of a case."""
        (scratch / "home").mkdir()
        helm, kustomize = await self._tools.of("helm"), await self._tools.of("kustomize")
        repo = copied(folder, scratch / "repo", offered)
        try:
            if name == "helm":
                text = await templated(helm, repo, case, scratch / "home", offered)
            else:
                text = await built(kustomize, helm, repo, case, scratch / "home")
        except ToolError as error:
            return [], str(error)
        return await self.printed(text), ""

    async def printed(self, text: str) -> list[bytes]:
        """The documents of what a tool printed; of a key printed twice the last counts."""
        try:
            return await self._pool.documents(text.encode())
        except RenderInvalidError as error:
            assert "already set in map" in str(error), str(error)
            return [json.dumps(document).encode() for document in yaml.safe_load_all(text)]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def renderers(
    pool: RenderPool, corpus: Corpus, tools: Tools, offered: Offered
) -> AsyncIterator[Renderers]:
    """All of them."""
    book, outbound = CredentialBook(), Outbound(LOOPBACK)
    book.put("charts", entry_of("repository", {"url": offered.charts, "type": "helm", "name": "stable"}))
    plain = {"url": offered.registry, "type": "helm", "enableOCI": "true", "insecureOCIForceHttp": "true"}
    book.put("registry", entry_of("repository", plain))
    shelves = Shelves(corpus.mirror.parent)
    yield Renderers(Supplier(pool, {"chart": ChartProvider(outbound, shelves, book)}), pool, corpus, tools)
    await outbound.close()


@pytest.mark.parametrize(("folder", "tool"), COMPARED, ids=[f"{tool}-{f.name}" for f, tool in COMPARED])
async def test_the_engine_renders_what_the_real_tool_renders(
    folder: Path, tool: str, renderers: Renderers, offered: Offered, tmp_path: Path
) -> None:
    case = asked(folder)
    ours, refusal = await renderers.engine(folder, case)
    theirs, complaint = await renderers.tool(tool, folder, case, tmp_path, offered)
    assert bool(refusal) is case.refused, refusal or "the engine renders it"
    assert bool(complaint) is (case.refused and folder.name not in STRICTER), (
        complaint or "the tool renders it"
    )
    if not refusal:
        expected = canonical(theirs)
        assert sorted(ours) == sorted(expected)
        assert tool == "helm" or ours == expected


async def test_the_chart_that_helm_makes_is_rendered_as_helm_renders_it(
    renderers: Renderers, corpus: Corpus, tools: Tools, tmp_path: Path
) -> None:
    """Nobody's chart is more usual: with all that its values switch on."""
    helm = await tools.of("helm")
    (tmp_path / "home").mkdir()
    await helm.run(tmp_path, "create", "web", home=tmp_path / "home")
    made = sorted(file for file in (tmp_path / "web").rglob("*") if file.is_file())
    files = [File(one.relative_to(tmp_path / "web").as_posix(), one.read_bytes()) for one in made]
    commit = await import_files(corpus.mirror, files)
    switches = ("ingress.enabled", "httpRoute.enabled", "autoscaling.enabled", "serviceAccount.create")
    for on in ((), *((one,) for one in switches), switches):
        parameters = [{"name": one, "value": "true"} for one in on]
        case = Case(path=".", options={"helm": {"parameters": parameters}}, release_name="shop")
        ours = await renderers.render(case.request(corpus.mirror, commit))
        arguments = [word for one in on for word in ("--set", f"{one}=true")]
        text = await helm.run(
            tmp_path / "web",
            *("template", "shop", ".", "--kube-version", case.kube_version, *arguments),
            home=tmp_path / "home",
        )
        assert sorted(ours) == sorted(canonical(await renderers.printed(text)))
        assert len(ours) > 3


@pytest.mark.parametrize("draw", [printing, overriding])
async def test_charts_drawn_by_lot_are_rendered_or_refused_as_helm_does(
    draw: Callable[[int], tuple[dict[str, str], dict[str, object]]],
    renderers: Renderers,
    corpus: Corpus,
    tools: Tools,
    tmp_path: Path,
) -> None:
    helm, rendered = await tools.of("helm"), 0
    for number in range(DRAWN):
        drawn, options = draw(number)
        files = {"Chart.yaml": "apiVersion: v2\nname: w\nversion: 0.1.0\n", **drawn}
        commit = await import_files(
            corpus.mirror, [File(name, text.encode()) for name, text in files.items()]
        )
        case, scratch = Case(path=".", options={"helm": options}), tmp_path / str(number)
        for name, text in {**files, "../home/.keep": ""}.items():
            (scratch / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
            (scratch / "repo" / name).write_bytes(text.encode())
        ours: list[str] | None = None
        theirs: list[str] | None = None
        with contextlib.suppress(RenderError):
            ours = sorted(await renderers.render(case.request(corpus.mirror, commit)))
        with contextlib.suppress(ToolError):
            text = await templated(helm, scratch / "repo", case, scratch / "home", None)
            theirs = sorted(canonical(await renderers.printed(text)))
        assert ours == theirs, f"chart {number}: {files} {options}"
        rendered += ours is not None
    assert rendered > DRAWN / 2
