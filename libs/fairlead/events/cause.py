"""Why something is being looked at: carried along so that the story of a change can be told."""

from enum import StrEnum


class Cause(StrEnum):
    """The first reason in a chain of events."""

    WEBHOOK = "webhook"
    POLL = "poll"
    REFRESH = "refresh"
    HARD_REFRESH = "hard-refresh"
    SPEC_CHANGED = "spec-changed"
    RESYNC = "resync"
    STARTUP = "startup"
    CACHE_LOST = "cache-lost"
    RETRY = "retry"
    CAPABILITIES = "capabilities"
    HYDRATED = "hydrated"
    SETTINGS = "settings"
