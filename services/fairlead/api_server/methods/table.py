"""All rows by RPC, and the RPCs that have none."""

from collections.abc import Mapping
from types import MappingProxyType

from fairlead.api_server.methods import (
    account,
    application,
    applicationset,
    certificate,
    cluster,
    gpgkey,
    notification,
    project,
    repocreds,
    repository,
    session,
    settings,
    version,
)
from fairlead.api_server.methods.method import Method
from fairlead.wire.catalogue import PUBLIC

ROWS: tuple[Method, ...] = (
    *account.ROWS,
    *application.ROWS,
    *applicationset.ROWS,
    *certificate.ROWS,
    *cluster.ROWS,
    *gpgkey.ROWS,
    *notification.ROWS,
    *project.ROWS,
    *repocreds.ROWS,
    *repository.ROWS,
    *session.ROWS,
    *settings.ROWS,
    *version.ROWS,
)

METHODS: Mapping[str, Method] = MappingProxyType({row.rpc: row for row in ROWS})
"""The rows by the path of their RPC."""

MISSING = frozenset(PUBLIC) - frozenset(METHODS)
"""RPCs that this version does not serve."""
