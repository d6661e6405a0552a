"""What a repo-server answers about repositories that no application needs yet: can it be read, what is in it.

Credentials that somebody wants tried travel sealed, for one question each, and are kept nowhere.
"""

import msgspec

from fairlead.events.envelope import Event

TRY = "try-access"
REFS = "list-refs"
APPS = "list-apps"
DETAILS = "describe-source"
VERSION = "describe-version"
CHARTS = "list-charts"
TAGS = "list-tags"
PURPOSE = "credentials to be tried"
"""What the key that seals them is derived for."""
TIMEOUT = 50.0
"""Seconds: a first clone may be waited for."""
TRY_TIMEOUT = 20.0
"""Seconds a remote has to list its refs, and us to hear of it."""


def context_of(repo_url: str) -> str:
    """What credentials are sealed for: the address they are to be tried at."""
    return f"access/{repo_url}"


class TryAccess(Event, frozen=True, kw_only=True):
    """Ask whether a repository can be read. `sealed` is a `RepositoryCredentials`; without it, or when that
    has none, those are tried that applications of the project would use.

    A look that is younger than `max_age` seconds, by whoever owns the repository and with the same
    credentials, is the answer; 0 has it asked now.
    """

    repo_url: str
    project: str = ""
    kind: str = "git"
    sealed: bytes = b""
    max_age: float = 0.0


class TriedAccess(Event, frozen=True, kw_only=True):
    """`problem` is "" when the repository can be read; it was found so `age` seconds ago."""

    problem: str = ""
    age: float = 0.0


class ListRefs(Event, frozen=True, kw_only=True):
    """Ask for the branches and tags of a remote."""

    repo_url: str
    project: str = ""


class ListedRefs(Event, frozen=True, kw_only=True):
    """Their short names."""

    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class ListCharts(Event, frozen=True, kw_only=True):
    """Ask what a chart repository offers."""

    repo_url: str
    project: str = ""


class ListedCharts(Event, frozen=True, kw_only=True):
    """Versions by chart, the highest first; within the bounds of who answers."""

    charts: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class ListTags(Event, frozen=True, kw_only=True):
    """Ask for the tags of a repository in a registry."""

    repo_url: str
    project: str = ""


class ListedTags(Event, frozen=True, kw_only=True):
    """Tags in the registry's order."""

    tags: tuple[str, ...] = ()


class ListApps(Event, frozen=True, kw_only=True):
    """Ask which folders at a revision a tool other than plain manifests is for."""

    repo_url: str
    project: str = ""
    revision: str = ""


class ListedApps(Event, frozen=True, kw_only=True):
    """Tool by folder."""

    apps: dict[str, str] = msgspec.field(default_factory=dict)


class DescribeSource(Event, frozen=True, kw_only=True):
    """Ask what a folder, or a chart, at a revision consists of; `value_files` are read beside its own. With
    `has_rules` the schema of a chart's values is told too."""

    repo_url: str
    project: str = ""
    revision: str = ""
    chart: str = ""
    pass_credentials: bool = False
    path: str = ""
    value_files: tuple[str, ...] = ()
    has_rules: bool = False


class DescribedSource(Event, frozen=True, kw_only=True):
    """The tool, and of a Helm chart its name, its own values, the files beside it that may hold values, every
    value as a parameter, and, where it was asked for, its `values.schema.json` as it stands there."""

    source_type: str
    name: str = ""
    values: str = ""
    value_files: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    rules: str = ""


class DescribeVersion(Event, frozen=True, kw_only=True):
    """Ask what a version of a chart, or an artifact without `chart`, says of itself."""

    repo_url: str
    project: str
    revision: str
    chart: str = ""
    pass_credentials: bool = False


class DescribedVersion(Event, frozen=True, kw_only=True):
    """What stands in `Chart.yaml`, or in the annotations of an artifact."""

    description: str = ""
    home: str = ""
    maintainers: tuple[str, ...] = ()
    annotations: dict[str, str] = msgspec.field(default_factory=dict)
