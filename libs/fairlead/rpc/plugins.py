"""What a repo-server answers about the plugins beside it: any which there are, an owner what they know."""

from typing import Any

from fairlead.events.envelope import Event
from fairlead.events.sources import SourcesWanted

LIST = "list-plugins"
ANNOUNCE = "announce-parameters"
TIMEOUT = 70.0
"""Seconds: a plugin has 60 for a question."""


class ListPlugins(Event, frozen=True, kw_only=True):
    """Ask which plugins there are."""


class ListedPlugins(Event, frozen=True, kw_only=True):
    """Their names."""

    names: tuple[str, ...] = ()


class AnnounceParameters(Event, frozen=True, kw_only=True):
    """Ask for the parameters of the plugin that renders the one source of a wish."""

    wanted: SourcesWanted


class AnnouncedParameters(Event, frozen=True, kw_only=True):
    """The announcements as JSON has them; `is_plugin` says whether the source is for a plugin at all."""

    is_plugin: bool = False
    parameters: tuple[dict[str, Any], ...] = ()
