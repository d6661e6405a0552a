"""What `.gitmodules` says: the addresses of submodules by their paths.

Invariant: names in it are never used as paths, and an address is one only as Git resolves it, on a host that
it names or on that of the repository it lies in.
"""

from fairlead.git import GitProgram, UrlRefusedError
from fairlead.git.reach import host_of

MAX_MODULES = 1000
"""Submodules of one commit."""
FILE = ".gitmodules"
_KEYS = r"^submodule\..*\.(path|url)$"


async def modules_of(program: GitProgram, mirror: str, commit: str) -> dict[str, str]:
    """The addresses as they are written, by path. Raises GitError when there is no such file.

    Git reads it: its quoting is its own. What is in a blob includes nothing else.
    """
    arguments = ("config", f"--blob={commit}:{FILE}", "--no-includes", "-z", "--get-regexp", _KEYS)
    printed = await program.run((f"--git-dir={mirror}", *arguments))
    return parsed(printed.decode(errors="replace"))


def parsed(listing: str) -> dict[str, str]:
    """The output of `git config -z`, turned around."""
    paths: dict[str, str] = {}
    urls: dict[str, str] = {}
    for entry in filter(None, listing.split("\0")[: 2 * MAX_MODULES]):
        key, _, value = entry.partition("\n")
        name, _, field = key.removeprefix("submodule.").rpartition(".")
        (paths if field == "path" else urls)[name] = value
    return {path.strip("/"): urls[name] for name, path in paths.items() if name in urls}


def address(written: str, base: str) -> str:
    """The address of a submodule of a repository at `base`, which a relative one is resolved against.

    Raises:
        UrlRefusedError: it is none, or leads out of its host.
    """
    url = written.strip()
    if not url.startswith(("./", "../")):
        if url.startswith("-") or "::" in url or not url:
            raise UrlRefusedError(f"{url[:200]!r} is no address of a repository")
        return url
    left, rest = base.rstrip("/"), url
    while rest.startswith(("./", "../")):
        is_up = rest.startswith("../")
        rest = rest.removeprefix("../" if is_up else "./")
        left = _parent(left) if is_up else left
    found = f"{left}/{rest}" if not left.endswith(":") else f"{left}{rest}"
    if host_of(found).lower() != host_of(base).lower():
        raise UrlRefusedError(f"{url[:200]!r} leads out of the repository's host")
    return found


def _parent(url: str) -> str:
    """One step up, as Git takes it: to the last slash, or to the colon of the scp form."""
    at = url.rfind("/")
    if at > 0 and url[at - 1] != "/" and ":" in url[: at + 1]:
        return url[:at]
    if "://" not in url and ":" in url:
        return url[: url.rfind(":") + 1]
    raise UrlRefusedError("a relative address leads out of the repository's host")
