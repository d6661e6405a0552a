"""Commits of bare repositories that no working copy would make."""

import subprocess
from pathlib import Path

_GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@localhost")


class Bare:
    """A bare repository that takes any tree."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run([*_GIT, "init", "--quiet", "--bare", str(path)], check=True)

    def git(self, *words: str, given: bytes = b"") -> str:
        done = subprocess.run(
            [*_GIT, f"--git-dir={self.path}", *words], input=given, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def blob(self, content: bytes | str) -> str:
        body = content.encode() if isinstance(content, str) else content
        return self.git("hash-object", "-w", "--stdin", given=body)

    def tree(self, entries: dict[str, tuple[str, str]]) -> str:
        """A tree of names with mode and object."""
        kinds = {"040000": "tree", "160000": "commit"}
        lines = [
            f"{mode} {kinds.get(mode, 'blob')} {oid}\t{name}".encode() + b"\0"
            for name, (mode, oid) in entries.items()
        ]
        return self.git("mktree", "-z", "--missing", given=b"".join(lines))

    def commit(self, tree: str) -> str:
        return self.git("commit-tree", tree, "-m", "x")

    def of(
        self, files: dict[str, str | bytes], links: dict[str, str] | None = None, executable: str = ""
    ) -> str:
        """A commit with files and links by path."""
        leaves = {path: ("100644", self.blob(body)) for path, body in files.items()}
        leaves |= {path: ("120000", self.blob(to)) for path, to in (links or {}).items()}
        if executable:
            leaves[executable] = ("100755", leaves[executable][1])
        return self.commit(self._folder(leaves))

    def _folder(self, leaves: dict[str, tuple[str, str]]) -> str:
        here = {path: leaf for path, leaf in leaves.items() if "/" not in path}
        for name in {path.partition("/")[0] for path in leaves if "/" in path}:
            inner = {p.partition("/")[2]: leaf for p, leaf in leaves.items() if p.startswith(f"{name}/")}
            here[name] = ("040000", self._folder(inner))
        return self.tree(here)
