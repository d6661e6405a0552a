"""What somebody may do: policies as `argocd-rbac-cm` and the roles of projects state them (contract 13.4).

A policy says who (`p` lines, and `g` lines by which people and groups take roles), what, and to which object.
`Enforcer` answers for one policy; a `View` is the enforcer as one caller meets it.

The invariant: what no line allows is denied, and a line that cannot be read never allows.
"""

from fairlead.rbac.enforce import Enforcer, Identity, View
from fairlead.rbac.errors import InvalidRoleError, PolicyError, RbacError
from fairlead.rbac.policy import Mode, Policy, parse

__all__ = [
    "Enforcer",
    "Identity",
    "InvalidRoleError",
    "Mode",
    "Policy",
    "PolicyError",
    "RbacError",
    "View",
    "parse",
]
