"""The corpus is rendered by a real engine and by the real tools."""

from tests.golden.corpus.cases import corpus
from tests.golden.corpus.offered import offered
from tests.golden.corpus.tools import tools
from tests.integration.render.engine_fixtures import engine_binary, pool

__all__ = ["corpus", "engine_binary", "offered", "pool", "tools"]
