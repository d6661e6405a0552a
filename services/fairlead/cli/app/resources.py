"""`app resources`: the objects of an application."""

from fairlead.cli.app import show
from fairlead.cli.app.flags import NAMESPACE, PROJECT, TREE_FORMS, one_app
from fairlead.cli.command import Command, Invocation, output, switch
from fairlead.cli.connection import connect
from fairlead.cli.view.columns import columns
from fairlead.cli.view.tree import Tree, ownership_table, roots


def run(call: Invocation) -> None:
    """Print the objects, and those of the namespace that belong to nobody."""
    values = call.values
    with connect(values) as client:
        tree = show.tree_of(client, one_app(call), values.text("project"))
    own = not values.is_given("orphaned") or not values.switch("orphaned")
    orphaned = not values.is_given("orphaned") or values.switch("orphaned")
    if values.text("output").startswith("tree"):
        print(_as_tree(tree, own=own, orphaned=orphaned), end="")
    else:
        print(_as_list(tree, own=own, orphaned=orphaned), end="")


def _as_list(tree: Tree, *, own: bool, orphaned: bool) -> str:
    rows = [("GROUP", "KIND", "NAMESPACE", "NAME", "ORPHANED")]
    if own:
        rows += [(node.group, node.kind, node.namespace, node.name, "No") for node in roots(tree.nodes)]
    if orphaned:
        rows += [(node.group, node.kind, node.namespace, node.name, "Yes") for node in tree.orphaned_nodes]
    return columns(rows)


def _as_tree(tree: Tree, *, own: bool, orphaned: bool) -> str:
    rows = [("KIND/NAME", "GROUP", "NAMESPACE", "ORPHANED")]
    if own:
        rows += ownership_table(tree.nodes, orphaned=False)
    if orphaned:
        rows += ownership_table(tree.orphaned_nodes, orphaned=True)
    return columns(rows)


COMMAND = Command(
    usage="APPNAME",
    about="List the objects of an application.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        switch("orphaned", "Only those in its namespace that belong to nobody; false leaves them out."),
        output(*TREE_FORMS),
    ),
    examples=("app resources web", "app resources web -o tree"),
)
