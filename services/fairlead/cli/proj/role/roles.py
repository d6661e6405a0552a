"""`proj role create`, `delete`, `list` and `get`."""

from datetime import UTC, datetime

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output, text
from fairlead.cli.connection import connect
from fairlead.cli.proj.change import change, role_of
from fairlead.cli.proj.change import remove as take_out
from fairlead.cli.view import document, times
from fairlead.cli.view.columns import columns


def create(call: Invocation) -> None:
    """Add a role without policies."""
    project, name = call.exactly("PROJECT", "ROLE-NAME")

    def edit(spec: Document) -> bool:
        known = spec.get("roles") or []
        if any(role.get("name") == name for role in known):
            print(f"Role '{name}' already exists")
            return False
        spec["roles"] = [*known, {"name": name, "description": call.values.text("description")}]
        return True

    if change(call, project, edit):
        print(f"Role '{name}' created")


def delete(call: Invocation) -> None:
    """Take a role away, and with it its tokens."""
    project, name = call.exactly("PROJECT", "ROLE-NAME")
    refusal = f"role '{name}' does not exist in project '{project}'"
    change(call, project, lambda spec: take_out(spec, "roles", lambda r: r.get("name") == name, refusal))
    print(f"Role '{name}' deleted")


def list_all(call: Invocation) -> None:
    """Print the roles."""
    (project,) = call.exactly("PROJECT")
    with connect(call.values) as client:
        roles = client.projects.get(project).get("spec", {}).get("roles") or []
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(roles, form)
    elif form == "name":
        print("".join(f"{role['name']}\n" for role in roles), end="")
    else:
        rows = [(str(role["name"]), str(role.get("description") or "")) for role in roles]
        print(columns([("ROLE-NAME", "DESCRIPTION"), *rows]), end="")


def get(call: Invocation) -> None:
    """Print one role, with the policy that every role has."""
    project, name = call.exactly("PROJECT", "ROLE-NAME")
    with connect(call.values) as client:
        found = client.projects.get(project)
    role = role_of(found.get("spec", {}), project, name)
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(role, form)
        return
    own = f"p, proj:{project}:{name}, projects, get, {project}, allow"
    print(f"{'Role Name:':<15}{name}\n{'Description:':<15}{role.get('description') or ''}")
    print("\n".join(["Policies:", own, *(role.get("policies") or [])]))
    print("\n".join(["Groups:", *(role.get("groups") or ["<none>"])]))
    print("JWT Tokens:")
    tokens = _tokens(found, name)
    if not tokens:
        print("<none>")
        return
    rows = [(str(t.get("iat") or 0), moment(t.get("iat")), moment(t.get("exp"))) for t in tokens]
    print(columns([("ID", "ISSUED-AT", "EXPIRES-AT"), *rows]), end="")


def _tokens(project: Document, role: str) -> list[Document]:
    known = (project.get("status") or {}).get("jwtTokensByRole") or {}
    items = (known.get(role) or {}).get("items") or []
    return items or role_of(project.get("spec", {}), "", role).get("jwtTokens") or []


def moment(seconds: int | str | None) -> str:
    """An instant and how far away it is; `<none>` for a token that does not expire."""
    if not seconds:
        return "<none>"
    at = datetime.fromtimestamp(int(seconds), UTC)
    return f"{times.rfc3339(at)} ({times.relative(int((at - times.now()).total_seconds()))})"


_FORMS = ("wide", "json", "yaml")
CREATE = Command(
    usage="PROJECT ROLE-NAME",
    about="Add a role.",
    run=create,
    flags=(text("description", "What the role is for."),),
    examples=("proj role create shop deployer --description 'Deploys from CI'",),
)
DELETE = Command(usage="PROJECT ROLE-NAME", about="Take a role away.", run=delete)
LIST = Command(
    usage="PROJECT", about="List roles.", run=list_all, flags=(output("wide", "name", "json", "yaml"),)
)
GET = Command(usage="PROJECT ROLE-NAME", about="Show a role.", run=get, flags=(output(*_FORMS),))
