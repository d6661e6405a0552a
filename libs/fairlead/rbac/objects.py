"""How policies name the objects of each kind: the one place where such a name is made (contract 13.4)."""


def application(project: str, name: str, namespace: str = "", control: str = "") -> str:
    """An application; with its namespace unless that is the control plane's."""
    if not namespace or namespace == control:
        return f"{project}/{name}"
    return f"{project}/{namespace}/{name}"


def scoped(address: str, project: str = "") -> str:
    """A cluster by its server, or a repository by its address; with its project where it belongs to one."""
    return f"{project}/{address}" if project else address
