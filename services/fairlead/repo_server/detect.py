"""Which tool a path asks for, seen from its file names alone (contract 7.1)."""

from fairlead.git.objects import Objects, is_directory

_KUSTOMIZATIONS = {"kustomization.yaml", "kustomization.yml", "Kustomization"}


async def source_type(objects: Objects, commit: str, path: str) -> tuple[str, str]:
    """The tool, and what is wrong with the path ("" when nothing is)."""
    if path.startswith("/"):
        return "", f"{path}: app path is absolute"
    folder = "" if path.strip("/") == "." else path.strip("/")
    if ".." in folder.split("/"):
        return "", f"{path}: app path outside root"
    [tree] = await objects.find(commit, [folder])
    if tree is None:
        return "", f"{path}: app path does not exist"
    if not await objects.is_tree(tree):
        return "", f"{path}: app path is not a directory"
    [entries] = await objects.trees([tree])
    return _tool({name.decode(errors="replace") for mode, name, _ in entries if not is_directory(mode)}), ""


def _tool(names: set[str]) -> str:
    if names & _KUSTOMIZATIONS:
        return "Kustomize"
    return "Helm" if any(name.endswith("Chart.yaml") for name in names) else "Directory"
