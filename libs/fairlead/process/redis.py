"""Where Redis is, as Fairlead says it or as users of Argo CD do (contract 11.2, 18).

Invariant: FAIRLEAD_REDIS_URL counts before all of theirs, a folder of credentials before single variables.
"""

from pathlib import Path

from fairlead.cache.address import MASTER, Given
from fairlead.process.flags import Environment

HERE = "127.0.0.1:6379"
FOLDER = "REDIS_CREDS_DIR_PATH"
_TRUE = {"1", "true", "yes", "on"}


def redis_url(env: Environment) -> str:
    """The address, with its passwords. Raises ValueError, or OSError for a folder that cannot be read."""
    own = env.secret("FAIRLEAD_REDIS_URL")
    return own or _given(env).url


def _given(env: Environment) -> Given:
    return Given(
        server=env.variable("REDIS_SERVER") or HERE,
        sentinels=env.variable("REDIS_SENTINEL_HOSTS"),
        master=env.variable("REDIS_SENTINEL_MASTER") or MASTER,
        database=env.variable("REDISDB") or "0",
        username=_credential(env, "REDIS_USERNAME", "auth_username"),
        password=_credential(env, "REDIS_PASSWORD", "auth"),
        sentinel_username=_credential(env, "REDIS_SENTINEL_USERNAME", "sentinel_username"),
        sentinel_password=_credential(env, "REDIS_SENTINEL_PASSWORD", "sentinel_auth"),
        is_encrypted=env.variable("REDIS_USE_TLS").lower() in _TRUE,
        authority=env.variable("REDIS_CA_CERTIFICATE"),
    )


def _credential(env: Environment, variable: str, file: str) -> str:
    folder = env.variable(FOLDER)
    if not folder:
        return env.variable(variable)
    path = Path(folder, file)
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
