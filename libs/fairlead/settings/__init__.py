"""What the control plane's ConfigMaps say, as frozen structs.

Invariant: reading never fails. A value that cannot be used is replaced by its default and named in
`problems`, so that one typing error does not take the whole control plane down.
"""

from fairlead.settings.controller import ControllerSettings, controller_settings
from fairlead.settings.filters import ResourceFilter, ResourceFilters
from fairlead.settings.parameters import ControllerParameters, HealBackoff, controller_parameters

__all__ = [
    "ControllerParameters",
    "ControllerSettings",
    "HealBackoff",
    "ResourceFilter",
    "ResourceFilters",
    "controller_parameters",
    "controller_settings",
]
