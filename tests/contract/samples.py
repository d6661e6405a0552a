"""One object of each kind with every field set: the contract in a form that can be run.

Invariant: what the cluster may not keep (server-set metadata) is not in them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from fairlead.model.application import Application
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_app_project, decode_application, decode_application_set

FOLDER = Path(__file__).parent / "samples"


class Sample(NamedTuple):
    """A kind, its URL's plural and how it is read."""

    kind: type[msgspec.Struct]
    plural: str
    decode: Callable[[bytes], msgspec.Struct]

    def document(self) -> dict[str, Any]:
        """The sample as plain data."""
        text = (FOLDER / f"{self.kind.__name__.lower()}.yaml").read_text(encoding="utf-8")
        document: dict[str, Any] = yaml.safe_load(text)
        return document


SAMPLES = (
    Sample(Application, "applications", decode_application),
    Sample(AppProject, "appprojects", decode_app_project),
    Sample(ApplicationSet, "applicationsets", decode_application_set),
)
