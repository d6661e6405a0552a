"""What the hosts hold: one organisation with its repositories, branches, files and requests to merge."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


def sha(*words: object) -> str:
    """A commit."""
    return hashlib.sha1("\0".join(map(str, words)).encode(), usedforsecurity=False).hexdigest()


@dataclass
class Repo:
    name: str
    id: int
    branches: list[str] = field(default_factory=lambda: ["main"])
    default: str | None = "main"
    files: set[str] = field(default_factory=set)
    topics: list[str] = field(default_factory=list)
    archived: bool = False
    gone: bool = False
    """It is listed, and not there any more when it is asked for."""

    def sha(self, branch: str) -> str:
        return sha(self.name, branch)

    def has(self, path: str) -> bool:
        return path in self.files or any(each.startswith(f"{path}/") for each in self.files)

    def folder(self, path: str) -> list[str]:
        """The names directly below a folder."""
        start = f"{path.strip('/')}/" if path.strip("/") else ""
        below = [each.removeprefix(start) for each in self.files if each.startswith(start)]
        return sorted({each.partition("/")[0] for each in below})


@dataclass
class Pull:
    number: int
    title: str
    branch: str
    target: str = "main"
    author: str = "ada"
    labels: list[str] = field(default_factory=list)
    state: str = "opened"

    @property
    def sha(self) -> str:
        return sha("pull", self.number)


@dataclass
class World:
    organization: str = "team"
    repos: list[Repo] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)
    pulls_of: str = "shop"

    def of(self, name: str) -> Repo | None:
        """A repository that can be asked for."""
        return next(
            (repo for repo in self.repos if name in (repo.name, str(repo.id)) and not repo.gone), None
        )


def usual() -> World:
    """Seven repositories: one empty, one archived, one with several branches."""
    return World(
        repos=[
            Repo("shop", 1, files={"deploy/app.yaml", "README.md"}, topics=["deploy", "go"]),
            Repo("shop-api", 2, branches=["main", "release/1.0", "feature/x"], files={"deploy/a b.yaml"}),
            Repo("billing", 3, files={"README.md"}, topics=["internal"]),
            Repo("empty", 4, branches=[], default=None),
            Repo("old", 5, archived=True, files={"deploy/app.yaml"}),
            Repo("docs", 6, branches=["trunk"], default="trunk", files={"index.md"}),
            Repo("web", 7, files={"deploy/web.yaml"}, topics=["deploy"]),
        ],
        pulls=[
            Pull(1, "Add a cart", "feature/cart", labels=["preview", "ui"]),
            Pull(2, "Fix prices", "fix/prices", target="release/1.0", author="bob"),
            Pull(3, "Draft: try a very long name", f"try/{'a' * 40}-and-much-more", labels=["preview"]),
            Pull(4, "Was merged", "done", state="merged"),
            Pull(5, "Add a basket", "feature/basket", author="eve", labels=["ui"]),
        ],
    )
