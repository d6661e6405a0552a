"""The mirrors of everything this service reads, and what is kept up to date with them.

Invariant: whoever looks at an index sees what its mirror shows.
"""

from collections.abc import Callable
from functools import partial

from fairlead.api_server.config_map import read_config_map, read_secret
from fairlead.api_server.departed import Departed
from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.index import ApplicationIndex
from fairlead.api_server.kinds import APPLICATION_SETS, APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.api_server.mirror import Change, Mirror
from fairlead.api_server.operations.backend import Mirrors
from fairlead.api_server.resource_index import ResourceIndex
from fairlead.api_server.set_documents import read_set
from fairlead.kube.rest import KubeClient
from fairlead.model.decode import decode_app_project


def mirrors_of(client: KubeClient, namespace: str, beside: Callable[[str], bool] | None = None) -> Mirrors:
    """Mirrors of everything this service reads; they do not run yet. `beside` tells in which namespaces there
    may be Applications beside the control plane's."""
    read = partial(read_application, control=namespace)
    index, departed = ApplicationIndex(), Departed()

    def told(change: Change[ApplicationDocument]) -> None:
        index.take(change)
        departed.take(change)
        resources.take(change)

    applications = Mirror(client, APPLICATIONS, namespace, read, beside=beside, told=told)
    resources = ResourceIndex(applications)
    return Mirrors(
        applications=applications,
        resources=resources,
        index=index,
        departed=departed,
        projects=Mirror(client, PROJECTS, namespace, decode_app_project),
        sets=Mirror(client, APPLICATION_SETS, namespace, partial(read_set, control=namespace), beside=beside),
        secrets=Mirror(client, SECRETS, namespace, read_secret),
        config_maps=Mirror(client, CONFIG_MAPS, namespace, read_config_map),
    )
