"""The set of applications that a caller may see, decided by project where a policy allows that.

The invariant: what is counted, ordered or shown was seen through this set first.
"""

from fairlead.api_server.facets import PROJECT
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller


def visible(backend: Backend, caller: Caller) -> int:
    """The set, as of now. Raises RefusalError while no policy holds."""
    index, found = backend.mirrors.index, 0
    for project, members in index.values(PROJECT).items():
        decided = authorize.is_allowed_all(caller, lookup.RESOURCE, "get", project)
        if decided is None:
            found |= index.where(lambda document: lookup.may(caller, "get", document), members)
        elif decided:
            found |= members
    return found
