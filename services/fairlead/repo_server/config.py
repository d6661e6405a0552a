"""How this process was started: one frozen struct, read once."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fairlead.process.flags import Environment, flag_parser

SERVICE = "repo-server"
_TRUE = {"1", "true", "yes", "on"}


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that flags and environment decide."""

    render_engine: Path
    data_dir: Path
    namespace: str = "argocd"
    kubeconfig: str = ""
    kube_context: str = ""
    no_kube: bool = False
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str = SERVICE
    nats_password: str = ""
    redis_url: str = "redis://127.0.0.1:6379"
    cache_secret: str = ""
    poll_seconds: float = 120.0
    render_workers: int = 2
    allow_file_urls: bool = False
    log_format: str = "json"
    log_level: str = "info"
    probe_address: str = "127.0.0.1"
    probe_port: int = 0

    def __repr__(self) -> str:
        return f"Config(data_dir={self.data_dir}, nats_url={self.nats_url})"


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    given = _parser(env).parse_args(arguments)
    return Config(
        render_engine=Path(given.render_engine),
        data_dir=Path(given.data_dir),
        namespace=given.namespace,
        kubeconfig=given.kubeconfig,
        kube_context=given.kube_context,
        no_kube=given.no_kube,
        nats_url=given.nats_url,
        nats_user=given.nats_user,
        nats_password=env.secret("FAIRLEAD_NATS_PASSWORD"),
        redis_url=env.secret("FAIRLEAD_REDIS_URL") or "redis://127.0.0.1:6379",
        cache_secret=env.secret("FAIRLEAD_CACHE_SECRET"),
        poll_seconds=float(given.poll_seconds),
        render_workers=int(given.render_workers),
        allow_file_urls=given.allow_file_urls,
        log_format=given.log_format,
        log_level=given.log_level,
        probe_address=given.probe_address,
        probe_port=int(given.probe_port),
    )


def _parser(env: Environment) -> argparse.ArgumentParser:
    parser = flag_parser(SERVICE, env)

    def flag(name: str, otherwise: str, text: str) -> None:
        parser.add_argument(name, default=env.default(name, otherwise), help=f"{text} ({otherwise})")

    def switch(name: str, text: str) -> None:
        on = env.default(name, "").lower() in _TRUE
        parser.add_argument(name, action="store_true", default=on, help=text)

    flag("--render-engine", "fairlead-render-engine", "the render engine's binary")
    flag("--render-workers", "2", "render engines that run at once")
    flag("--data-dir", "/tmp/fairlead-mirrors", "folder of the mirrors")  # noqa: S108 - contents can be lost
    flag("--poll-seconds", "120", "seconds between two looks at a repository")
    switch("--no-kube", "run without Kubernetes: no credentials for repositories")
    switch("--allow-file-urls", "accept file:// repositories, for tests")
    return parser
