"""Which tool a path asks for, seen from its file names alone (contract 7.1)."""

import posixpath

from fairlead.git import Mirror
from fairlead.git.tree import is_directory

_KUSTOMIZATIONS = {"kustomization.yaml", "kustomization.yml", "Kustomization"}


async def source_type(
    mirror: Mirror, commit: str, path: str, disabled: tuple[str, ...] = ()
) -> tuple[str, str]:
    """The tool, but for those that are switched off, and what is wrong with the path ("" when nothing is)."""
    if path.startswith("/"):
        return "", f"{path}: app path is absolute"
    folder = "" if path.strip("/") == "." else path.strip("/")
    if ".." in folder.split("/"):
        return "", f"{path}: app path outside root"
    entries = await mirror.paths.folder(commit, folder)
    if entries is None:
        missing = await mirror.paths.find(commit, posixpath.dirname(folder), [posixpath.basename(folder)])
        problem = "is not a directory" if missing[0] else "does not exist"
        return "", f"{path}: app path {problem}"
    names = {name.decode(errors="replace") for name, (mode, _) in entries.items() if not is_directory(mode)}
    return tool_of(names, disabled), ""


def tool_of(names: set[str], disabled: tuple[str, ...] = ()) -> str:
    """The tool of a folder with files of these names."""
    if "Kustomize" not in disabled and names & _KUSTOMIZATIONS:
        return "Kustomize"
    if "Helm" not in disabled and any(name.endswith("Chart.yaml") for name in names):
        return "Helm"
    return "Directory"
