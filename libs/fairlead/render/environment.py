"""The build environment: the variables that options of a source may refer to.

Invariant: the names are Argo CD's, so an option that works there means the same here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def build_environment(
    *,
    app_instance: str,
    app_namespace: str,
    project: str,
    revision: str,
    path: str,
    repo_url: str,
    target_revision: str,
) -> dict[str, str]:
    """The variables of one source: `app_instance` is `<app>` or `<ns>_<app>`, `app_namespace` the
    destination's namespace, `revision` the commit id.
    """
    return {
        "ARGOCD_APP_NAME": app_instance,
        "ARGOCD_APP_NAMESPACE": app_namespace,
        "ARGOCD_APP_PROJECT_NAME": project,
        "ARGOCD_APP_REVISION": revision,
        "ARGOCD_APP_REVISION_SHORT": revision[:7],
        "ARGOCD_APP_REVISION_SHORT_8": revision[:8],
        "ARGOCD_APP_SOURCE_PATH": path,
        "ARGOCD_APP_SOURCE_REPO_URL": repo_url,
        "ARGOCD_APP_SOURCE_TARGET_REVISION": target_revision,
    }


def referenced(text: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a text names as `$NAME` or `${NAME}`."""
    names = {braced or plain for braced, plain in _VARIABLE.findall(text)}
    return {name: environment[name] for name in sorted(names & environment.keys())}
