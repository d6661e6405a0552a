"""Commands on repositories that need more than calls, as data; what they do is read when one is called."""

from fairlead.cli.command import Command, later, many, output, switch, text

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

PREVIEW = Command(
    usage="REPOURL",
    about="Show what a pull request would do to the applications that follow its branch, before it is "
    "merged: the merge is made and rendered for those that read a file which differs, their objects are "
    "compared, and each cluster is asked what it would refuse, replace or prune. Nothing is written. The "
    "exit code is 0 when nothing would fail, 1 when an application cannot be rendered or a cluster refuses "
    "an object, 20 when it could not be found out.",
    run=later("repo.preview"),
    flags=(
        text("revision", "What may come: a branch, a ref or a commit."),
        text("pull", "The number of the pull or merge request, instead of --revision."),
        text("target", "The branch that it is for; the repository's default one otherwise."),
        switch("no-diff", "Name the objects only."),
        output("text", "markdown", "json", "yaml", default="text"),
    ),
    examples=(
        "repo preview https://git.example.com/config.git --revision feature/limits",
        "repo preview https://git.example.com/config.git --pull 17 --target production",
        "repo preview https://git.example.com/config.git --revision feature/limits -o markdown > comment.md",
    ),
)
