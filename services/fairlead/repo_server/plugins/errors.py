"""What may go wrong with a plugin. Nobody knows what it depends on, so all of it is tried again by itself.

RenderTransientError
└── PluginError
    ├── PluginAwayError    it does not answer, too late, or nonsense
    ├── PluginFailedError  it answered that it could not
    └── NoPluginError      none of this name is there, or none renders this source
"""

from fairlead.render import RenderTransientError


class PluginError(RenderTransientError):
    """A plugin gave no manifests."""


class PluginAwayError(PluginError):
    """Whether it would render the source is not known."""


class PluginFailedError(PluginError):
    """Its own words, with the status it gave."""


class NoPluginError(PluginError):
    """No sidecar is there for the source."""
