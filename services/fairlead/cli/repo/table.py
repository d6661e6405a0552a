"""Commands on repositories that need more than calls, as data; what they do is read when one is called."""

from fairlead.cli.command import Command, later, many, output, text

AFFECTED = Command(
    usage="REPOURL [OLD NEW]",
    about="Say which applications of a repository another revision would change, and which of their objects: "
    "what a pull request does, before it is merged. With OLD and NEW, two revisions, nothing is rendered: "
    "those are named that read a file which differs, with the file.",
    run=later("repo.affected"),
    flags=(
        text("revision", "The revision that may come: a branch, a tag or a commit."),
        text("from", "The revision to compare with; that of each application's last comparison otherwise."),
        text("target", "Only sources that follow this branch, the one to be merged into."),
        text("selector", "Labels of the applications meant: NAME=VALUE, comma-separated.", short="l"),
        many("project", "Only applications of this project.", short="p"),
        output("wide", "name", "json", "yaml"),
    ),
    examples=(
        "repo affected https://git.example.com/config.git --revision feature/limits --target main",
        "repo affected https://git.example.com/config.git --revision 4f1e2a9 -o name",
        "repo affected https://git.example.com/config.git main feature/limits",
    ),
)
