"""What the control plane's ConfigMaps say, as frozen structs.

Invariant: reading never fails. A value that cannot be used is replaced by its default and named in
`problems`, so that one typing error does not take the whole control plane down.
"""

from fairlead.settings.controller import ControllerSettings, controller_settings
from fairlead.settings.filters import ResourceRule, ResourceRules
from fairlead.settings.parameters import (
    ControllerParameters,
    HealBackoff,
    MetricsOptions,
    controller_parameters,
)

__all__ = [
    "ControllerParameters",
    "ControllerSettings",
    "HealBackoff",
    "MetricsOptions",
    "ResourceRule",
    "ResourceRules",
    "controller_parameters",
    "controller_settings",
]
