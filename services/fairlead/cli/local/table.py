"""The commands of the suite on one machine, as data; what they do is read when one is called."""

from fairlead.cli.command import Command, later, number, switch, text
from fairlead.cli.local.data_dir import DATA_DIR

UP = Command(
    usage="",
    is_local=True,
    about="Run the whole suite on this machine, in the foreground, until Ctrl-C.",
    run=later("local.up"),
    flags=(
        text("kubeconfig", "Use this cluster instead of a control plane of our own."),
        text("kube-context", "Context of the kubeconfig."),
        DATA_DIR,
        number("port", "Port of the API server; 0 takes a free one.", default=8080),
        text("namespace", "Namespace of the control plane.", default="argocd"),
        switch("observe", "Only look at the cluster of --kubeconfig, and write nothing to it."),
        switch("hydrator", "Run the commit server too, and switch the source hydrator on."),
        switch("preview", "Tell on pull requests what they would deploy, where argocd-cm says so."),
        switch("insecure", "Serve plaintext instead of TLS."),
        text("log-level", "Lowest level of logs.", default="info"),
        text("log-format", "Form of logs.", default="console", choices=("console", "json")),
    ),
    examples=(
        "up --insecure",
        "up --kubeconfig ~/.kube/config --port 0",
        "up --observe --kubeconfig kc.yaml",
    ),
)

DOWN = Command(
    usage="",
    about="Stop the suite that runs on a data folder.",
    run=later("local.down"),
    flags=(DATA_DIR,),
    is_local=True,
)

STATUS = Command(
    usage="",
    is_local=True,
    about="Say what of the suite runs, where it listens and whether it is ready.",
    run=later("local.status"),
    flags=(DATA_DIR,),
)

DEMO = Command(
    usage="",
    is_local=True,
    about="Walk the milestones of the guide on a real cluster, checking that each came true.",
    run=later("local.demo"),
    flags=(
        switch("keep", "Leave everything running until Ctrl-C."),
        text("kubeconfig", "Walk it on this cluster."),
        text("kube-context", "Context of the kubeconfig."),
    ),
)

EVENTS = Command(
    usage="",
    about="Follow the public events of a suite: commits, renders, syncs, health, drift. One line each: time, "
    "type, application or repository, what happened.",
    run=later("local.events"),
    is_local=True,
    flags=(
        text("app", "Only events of this application, NAME or NAMESPACE/NAME."),
        switch("follow", "Go on until Ctrl-C; false prints the events there are and ends.", default=True),
        text("since", "Begin this long ago, as in 10m, or at a time; from now otherwise."),
        text(
            "output",
            "One line for people, or the CloudEvent.",
            short="o",
            default="line",
            choices=("line", "json"),
        ),
        text(
            "nats-url", "Address of NATS; that of the suite otherwise. Its password: FAIRLEAD_NATS_PASSWORD."
        ),
        DATA_DIR,
    ),
    examples=("events", "events --app order-gateway --since 10m", "events --follow=false -o json"),
)
