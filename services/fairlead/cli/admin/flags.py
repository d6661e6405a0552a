"""Flags that many `admin` commands share: which control plane, and where settings come from."""

from msgspec import structs

from fairlead.cli.command import Flag, duration, many, switch, text
from fairlead.cli.local.data_dir import DATA_DIR


def _hidden(*flags: Flag) -> tuple[Flag, ...]:
    return tuple(structs.replace(flag, hidden=True) for flag in flags)


KUBERNETES = (
    text("kubeconfig", "Cluster to ask."),
    text("kube-context", "Context of the kubeconfig; also --context."),
    *_hidden(
        text("context", "Context of the kubeconfig."),
        text("cluster", "Cluster of the kubeconfig, in place of the context's."),
        text("user", "User of the kubeconfig, in place of the context's."),
        text("server", "Address of the Kubernetes API server."),
        text("token", "Token for Kubernetes."),
        text("username", "Name for Kubernetes."),
        text("password", "Password for Kubernetes."),
        text("certificate-authority", "File with the authority that Kubernetes is trusted by."),
        text("client-certificate", "File with our certificate for Kubernetes."),
        text("client-key", "File with the key of that certificate."),
        text("tls-server-name", "Name that the certificate of Kubernetes has to bear."),
        switch("insecure-skip-tls-verify", "Do not verify the certificate of Kubernetes."),
        text("proxy-url", "Proxy to Kubernetes."),
        switch("disable-compression", "Ask Kubernetes for answers that are not compressed."),
        text("as", "User to impersonate."),
        many("as-group", "Group to impersonate."),
        text("as-uid", "Refused: impersonating by number is not possible here."),
        duration("request-timeout", "How long Kubernetes may take; 0 is as usual.", default="0"),
    ),
)
"""How Kubernetes is reached, as kubectl's flags say it."""
CLUSTER = (*KUBERNETES, DATA_DIR)
PLACE = (
    text("namespace", "Namespace of the control plane; that of the context, else argocd.", short="n"),
    *CLUSTER,
)
SOURCE_FLAGS: tuple[Flag, ...] = (
    text("argocd-cm-path", "File with the ConfigMap argocd-cm."),
    text("argocd-secret-path", "File with the Secret argocd-secret."),
    switch("load-cluster-settings", "Read the settings of the cluster."),
    *PLACE,
)
