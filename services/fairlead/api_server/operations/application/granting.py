"""Which actions of policies let somebody do a thing to an application (contract 13.4).

The invariant: whoever does the thing and whoever says beforehand whether it may be done ask here.
"""

from fairlead.api_server.config_map import ServerSettings

OBJECTS = ("update", "delete")
"""Actions on one object, which the right to the whole application may include."""


def granting(settings: ServerSettings, action: str) -> tuple[str, ...]:
    """The actions of which one is enough; `action` is `rollback`, or one such as `sync`,
    `delete/apps/Deployment/web/shop`."""
    if action == "rollback":
        return ("rollback",) if settings.has_rollback_right else ("sync",)
    whole, _, rest = action.partition("/")
    if rest and whole in OBJECTS and settings.inherits_fine_grained_rights:
        return (whole, action)
    return (action,)
