"""The commands on clusters that need Kubernetes, as data; what they do is read when one is called."""

from fairlead.cli.command import Command, later, many, number, switch, text

ADD = Command(
    usage="CONTEXT",
    about="Connect a cluster that a kubeconfig knows: makes a service account there for Fairlead, and "
    "registers the cluster with its token.",
    run=later("cluster.add"),
    flags=(
        text("kubeconfig", "Kubeconfig that knows the cluster; KUBECONFIG otherwise."),
        text("name", "Name of the cluster; that of the context otherwise."),
        switch("yes", "Do not ask.", short="y"),
        switch("upsert", "Replace a cluster of that address that is different."),
        switch("in-cluster", "The server reaches it as its own cluster."),
        text(
            "cluster-endpoint", "Which address to use.", choices=("", "kubeconfig", "kube-public", "internal")
        ),
        text("cluster-endpoint-url", "Address at which the server reaches the cluster."),
        text("service-account", "An account that exists, to use instead of a new one."),
        text("system-namespace", "Namespace of the account.", default="kube-system"),
        many("namespace", "Only manage this namespace.", commas=True),
        switch("cluster-resources", "Manage objects without a namespace as well, with --namespace."),
        text("project", "Project that the cluster is for."),
        many("label", "Label of the cluster, NAME=VALUE."),
        many("annotation", "Annotation of the cluster, NAME=VALUE."),
        number("shard", "Replica of the controller that manages it.", default=-1),
        text("proxy-url", "Proxy to the cluster."),
        switch("disable-compression", "Ask the cluster for answers that are not compressed."),
        text("aws-cluster-name", "Name of the EKS cluster, to log in at AWS."),
        text("aws-role-arn", "Role to take on at AWS."),
        text("aws-profile", "Profile to use at AWS."),
        text("exec-command", "Program that the server asks for credentials."),
        many("exec-command-args", "Argument of the program.", commas=True),
        many("exec-command-env", "Environment of the program, NAME=VALUE.", commas=True),
        text("exec-command-api-version", "API version that the program speaks."),
        text("exec-command-install-hint", "How to install the program."),
    ),
    examples=("cluster add eu-west", "cluster add eu-west --name eu --namespace shop --yes"),
)

SET = Command(
    usage="SERVER|NAME",
    about="Change a cluster's name, namespaces, labels and annotations.",
    run=later("cluster.change", "change"),
    flags=(
        text("name", "The new name."),
        many("namespace", "Namespace to manage, `*` being all.", commas=True),
        many("label", "Label, NAME=VALUE; replaces those that are there."),
        many("annotation", "Annotation, NAME=VALUE; replaces those that are there."),
    ),
    examples=("cluster set eu-west --name eu --namespace shop,cart",),
)
ROTATE = Command(
    usage="SERVER|NAME",
    about="Replace the token that a cluster is reached with.",
    run=later("cluster.change", "rotate"),
)
REMOVE = Command(
    usage="SERVER|NAME...",
    about="Disconnect clusters; what is deployed there stays.",
    run=later("cluster.change", "remove"),
    flags=(switch("yes", "Do not ask.", short="y"), text("kubeconfig", "Kubeconfig that knows the cluster.")),
    examples=("cluster rm eu-west --yes",),
)
