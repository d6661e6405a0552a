"""Rendering is tested with a real engine on real repositories."""

from tests.integration.render.engine_fixtures import engine_binary, make_repository, pool, repository

__all__ = ["engine_binary", "make_repository", "pool", "repository"]
