"""Which release this is, as clients read it.

Tools that speak to the API switch on what the server's version can do, so it begins with the version of
Argo CD whose surface this one serves; ours follows as build metadata, which comparisons leave out.
"""

from functools import cache
from importlib import metadata

COMPATIBLE_WITH = "3.6.1"
"""The Argo CD whose kinds, API and command are served."""
HELM, KUSTOMIZE, JSONNET = "v4.3.1", "v5.8.1", "v0.22.0"
"""What the render engine renders as: the versions that its module requires."""


@cache
def version() -> str:
    """`v3.6.1+fairlead.0.1.0`."""
    return f"v{COMPATIBLE_WITH}+fairlead.{metadata.version('fairlead')}"
