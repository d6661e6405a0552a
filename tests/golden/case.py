"""What a case of rendering asks for, as its `request.json` spells it."""

from pathlib import Path

import msgspec

from fairlead.events import RenderSettings
from fairlead.events.render_settings import KustomizeSettings
from fairlead.render import RenderRequest


class Case(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The request; `refused` says of a case of the corpus that nobody renders it."""

    path: str
    options: dict[str, object] = {}
    release_name: str = "release"
    namespace: str = ""
    kube_version: str = "1.31.0"
    api_versions: tuple[str, ...] = ()
    env: dict[str, str] = {}
    disabled_tools: tuple[str, ...] = ()
    build_options: str = ""
    refused: bool = False

    def request(self, mirror: Path, commit: str) -> RenderRequest:
        """What the engine is asked, of a repository."""
        asked = msgspec.structs.asdict(self)
        del asked["refused"]
        settings = RenderSettings(
            disabled_tools=asked.pop("disabled_tools"),
            kustomize=KustomizeSettings(build_options=asked.pop("build_options")),
        )
        return RenderRequest(mirror=mirror, commit=commit, settings=settings, **asked)


def read_case(folder: Path) -> Case:
    """The case of a folder."""
    return msgspec.json.decode((folder / "request.json").read_bytes(), type=Case)
