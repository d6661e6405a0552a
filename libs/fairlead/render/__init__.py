"""Rendering manifests through the render engine, a child process that holds the Go libraries.

Invariant: a render is a function of its request and of what its read set names, but for what a
chart's own random and clock functions add; a child that loops or
swells is killed, and only its own request fails.
"""

from fairlead.render.engine import EngineConfig
from fairlead.render.environment import build_environment
from fairlead.render.errors import (
    EngineBusyError,
    EngineDiedError,
    EngineFailureError,
    EngineStarvedError,
    RenderError,
    RenderInvalidError,
    RenderKilledError,
    RenderNeedsError,
    RenderTransientError,
)
from fairlead.render.pool import PoolConfig, RenderPool
from fairlead.render.request import ReadEntry, RefSource, RenderRequest, RenderResult, Supply, Want
from fairlead.render.scripts import Filled, ScriptError, Scripts
from fairlead.render.turns import Lane

__all__ = [
    "EngineBusyError",
    "EngineConfig",
    "EngineDiedError",
    "EngineFailureError",
    "EngineStarvedError",
    "Filled",
    "Lane",
    "PoolConfig",
    "ReadEntry",
    "RefSource",
    "RenderError",
    "RenderInvalidError",
    "RenderKilledError",
    "RenderNeedsError",
    "RenderPool",
    "RenderRequest",
    "RenderResult",
    "RenderTransientError",
    "ScriptError",
    "Scripts",
    "Supply",
    "Want",
    "build_environment",
]
