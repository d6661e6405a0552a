"""`globalProjects` of argocd-cm: which projects give their rules to which others."""

from __future__ import annotations

import msgspec

from fairlead.matching.inheritance import GlobalProject
from fairlead.model.decode import from_object
from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import LabelSelector
from fairlead.settings.reading import Reader

KEY = "globalProjects"


def global_projects(read: Reader) -> tuple[GlobalProject, ...]:
    """The rules in their order; one that cannot be read is left out and complained about."""
    found = []
    for item in read.maps(KEY):
        name, selector = item.get("projectName"), item.get("labelSelector")
        try:
            heirs = from_object(selector if isinstance(selector, dict) else {}, LabelSelector)
        except (MalformedObjectError, msgspec.ValidationError) as error:
            read.complain(KEY, str(error))
            continue
        if not isinstance(name, str) or not name:
            read.complain(KEY, "an entry has no projectName")
            continue
        found.append(GlobalProject(name=name, heirs=heirs))
    return tuple(found)
