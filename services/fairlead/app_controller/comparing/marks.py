"""What people see of a live object: the images it runs and the addresses it can be opened at.

Invariant: a field of an unexpected shape reads as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.app_controller.comparing.addresses import is_allowed
from fairlead.manifest.fields import annotation_of, annotations_of, list_at, maps_at, text_at

IGNORE_HEALTHCHECK = "argocd.argoproj.io/ignore-healthcheck"
LINK = "link.argocd.argoproj.io/"
IGNORE_DEFAULT_LINKS = "argocd.argoproj.io/ignore-default-links"

Manifest = Mapping[str, Any]


def images_of(obj: Manifest) -> list[str]:
    """The images of a workload's or pod's containers."""
    for path in (
        ("spec", "template", "spec"),
        ("spec", "jobTemplate", "spec", "template", "spec"),
        ("spec",),
    ):
        found = [
            image
            for field in ("containers", "initContainers")
            for container in maps_at(obj, *path, field)
            if (image := text_at(container, "image"))
        ]
        if found:
            return found
    return []


def urls_of(obj: Manifest) -> list[str]:
    """Addresses to open: an Ingress' hosts, and links given by annotation; what may not be opened is none."""
    links = [
        value.rpartition("|")[2].strip()
        for key, value in annotations_of(obj).items()
        if key.startswith(LINK) and isinstance(value, str)
    ]
    if obj.get("kind") == "Ingress" and annotation_of(obj, IGNORE_DEFAULT_LINKS) != "true":
        secure = {host for entry in maps_at(obj, "spec", "tls") for host in list_at(entry, "hosts")}
        for rule in maps_at(obj, "spec", "rules"):
            host = text_at(rule, "host")
            if host:
                links.append(f"{'https' if host in secure else 'http'}://{host}{_first_path(rule)}")
    return [link for link in links if is_allowed(link)]


def _first_path(rule: Manifest) -> str:
    paths = maps_at(rule, "http", "paths")
    path = text_at(paths[0], "path") if paths else ""
    return path.rstrip("*")
