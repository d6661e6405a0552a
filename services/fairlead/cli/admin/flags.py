"""Flags that many `admin` commands share: which control plane, and where settings come from."""

from fairlead.cli.command import Flag, switch, text
from fairlead.cli.local.data_dir import DATA_DIR

CLUSTER = (
    text("kubeconfig", "Cluster to ask."),
    text("kube-context", "Context of the kubeconfig."),
    DATA_DIR,
)
PLACE = (
    text("namespace", "Namespace of the control plane; argocd unless the suite says otherwise.", short="n"),
    *CLUSTER,
)
SOURCE_FLAGS: tuple[Flag, ...] = (
    text("argocd-cm-path", "File with the ConfigMap argocd-cm."),
    text("argocd-secret-path", "File with the Secret argocd-secret."),
    switch("load-cluster-settings", "Read the settings of the cluster."),
    *PLACE,
)
