"""The kinds of Kubernetes objects this service reads and writes.

The invariant: all of them lie in the control plane's namespace; nothing here reaches a managed cluster.
"""

from fairlead.kube.resource import Resource
from fairlead.model.metadata import API_GROUP

VERSION = "v1alpha1"

APPLICATIONS = Resource(
    group=API_GROUP, version=VERSION, plural="applications", kind="Application", namespaced=True
)
APPLICATION_SETS = Resource(
    group=API_GROUP, version=VERSION, plural="applicationsets", kind="ApplicationSet", namespaced=True
)
PROJECTS = Resource(
    group=API_GROUP, version=VERSION, plural="appprojects", kind="AppProject", namespaced=True
)
SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
EVENTS = Resource(group="", version="v1", plural="events", kind="Event", namespaced=True)

CONFIG_MAP = "argocd-cm"
RBAC_CONFIG_MAP = "argocd-rbac-cm"
SECRET = "argocd-secret"  # noqa: S105 - a name
INITIAL_ADMIN_SECRET = "argocd-initial-admin-secret"  # noqa: S105 - a name
ENDED_SESSIONS = "fairlead-sessions"
PARAMETERS = "argocd-cmd-params-cm"
SIGNING_KEYS = "argocd-gpg-keys-cm"
TLS_SECRET = "argocd-server-tls"  # noqa: S105 - a name
DEX_TLS_SECRET = "argocd-dex-server-tls"  # noqa: S105 - a name
