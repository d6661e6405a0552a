"""What no module of ours does: rules about the sources that one careless line would break."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = [path for top in ("libs", "services/fairlead") for path in sorted((ROOT / top).rglob("*.py"))]
WHERE_LOTS_ARE_DRAWN = {
    "libs/fairlead/kube",
    "libs/fairlead/process",
    "services/fairlead/app_controller",
    "services/fairlead/commit_server/hydrate.py",
    "services/fairlead/notifications/delivering",
    "services/fairlead/repo_server",
}
"""Where `random` spreads pauses: folders, and a module beside keys. Secrets are made by `secrets` alone."""
SAFE = {"CSafeLoader", "SafeLoader", "LOADER", "_LOADER", "_Plain", "loader"}
"""Loaders that make texts, numbers, lists and maps, by the names they have here."""


def shown(path: Path) -> str:
    """A module's place in the tree."""
    return str(path.relative_to(ROOT))


def imports(tree: ast.Module) -> Iterator[str]:
    """What a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def wrong_with(tree: ast.Module, *, may_draw_lots: bool) -> Iterator[str]:
    """What a module does that none should."""
    names = set(imports(tree))
    yield from names & ({"pickle", "marshal", "shelve"} | (set() if may_draw_lots else {"random"}))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(call.func)
        if called in ("yaml.load", "yaml.load_all"):
            loaders = [ast.unparse(each.value) for each in call.keywords if each.arg == "Loader"]
            if [loader.rpartition(".")[2] in SAFE for loader in loaders] != [True]:
                yield f"{called} with {loaders}"
        elif called in ("yaml.full_load", "yaml.unsafe_load", "eval", "exec", "os.system", "os.popen"):
            yield called


def test_no_module_draws_lots_where_it_matters_or_loads_what_runs() -> None:
    found = {}
    for path in MODULES:
        may_draw_lots = any(shown(path).startswith(folder) for folder in WHERE_LOTS_ARE_DRAWN)
        wrong = list(wrong_with(ast.parse(path.read_text()), may_draw_lots=may_draw_lots))
        if wrong:
            found[shown(path)] = wrong
    assert found == {}
