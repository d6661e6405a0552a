"""Hosts that are asked for repositories and pull requests, and the secrets to ask with.

Invariant: a provider block holds references to secrets, never a secret.
"""

from __future__ import annotations

from msgspec import field

from fairlead.model.metadata import Record


class SecretRef(Record, frozen=True, kw_only=True):
    """A key of a Secret in the set's namespace."""

    secret_name: str = field(default_factory=str)
    key: str = field(default_factory=str)


class ConfigMapKeyRef(Record, frozen=True, kw_only=True):
    """A key of a ConfigMap in the set's namespace."""

    config_map_name: str = field(default_factory=str)
    key: str = field(default_factory=str)


class BasicAuth(Record, frozen=True, kw_only=True):
    """A user name, and where its password is."""

    username: str = field(default_factory=str)
    password_ref: SecretRef = field(default_factory=SecretRef)


class BearerToken(Record, frozen=True, kw_only=True):
    """Where a token is."""

    token_ref: SecretRef = field(default_factory=SecretRef)


class ScmGithub(Record, frozen=True, kw_only=True):
    """Repositories of a GitHub organisation."""

    organization: str = field(default_factory=str)
    api: str = ""
    token_ref: SecretRef | None = None
    app_secret_name: str = ""
    all_branches: bool = False
    exclude_archived_repos: bool = False


class ScmGitlab(Record, frozen=True, kw_only=True):
    """Projects of a GitLab group."""

    group: str = field(default_factory=str)
    api: str = ""
    token_ref: SecretRef | None = None
    all_branches: bool = False
    include_subgroups: bool = False
    include_shared_projects: bool | None = None
    include_archived_repos: bool = False
    topic: str = ""
    insecure: bool = False
    ca_ref: ConfigMapKeyRef | None = None


class ScmBitbucket(Record, frozen=True, kw_only=True):
    """Repositories of a Bitbucket Cloud workspace."""

    owner: str = field(default_factory=str)
    user: str = field(default_factory=str)
    app_password_ref: SecretRef = field(default_factory=SecretRef)
    all_branches: bool = False


class ScmBitbucketServer(Record, frozen=True, kw_only=True):
    """Repositories of a Bitbucket Server project."""

    project: str = field(default_factory=str)
    api: str = field(default_factory=str)
    basic_auth: BasicAuth | None = None
    bearer_token: BearerToken | None = None
    all_branches: bool = False
    insecure: bool = False
    ca_ref: ConfigMapKeyRef | None = None


class ScmGitea(Record, frozen=True, kw_only=True):
    """Repositories of a Gitea owner."""

    owner: str = field(default_factory=str)
    api: str = field(default_factory=str)
    token_ref: SecretRef | None = None
    all_branches: bool = False
    insecure: bool = False
    exclude_archived_repos: bool = False


class ScmAzureDevOps(Record, frozen=True, kw_only=True):
    """Repositories of an Azure DevOps team project."""

    organization: str = field(default_factory=str)
    team_project: str = field(default_factory=str)
    access_token_ref: SecretRef = field(default_factory=SecretRef)
    api: str = ""
    all_branches: bool = False


class TagFilter(Record, frozen=True, kw_only=True):
    """A tag a repository must carry."""

    key: str = field(default_factory=str)
    value: str = ""


class ScmAwsCodeCommit(Record, frozen=True, kw_only=True):
    """Repositories of AWS CodeCommit."""

    tag_filters: tuple[TagFilter, ...] = ()
    role: str = ""
    region: str = ""
    all_branches: bool = False


class ScmFilter(Record, frozen=True, kw_only=True):
    """What a repository must fulfil; patterns are regular expressions."""

    repository_match: str | None = None
    branch_match: str | None = None
    label_match: str | None = None
    paths_exist: tuple[str, ...] = ()
    paths_do_not_exist: tuple[str, ...] = ()


class PullRequestGithub(Record, frozen=True, kw_only=True):
    """Pull requests of a GitHub repository."""

    owner: str = field(default_factory=str)
    repo: str = field(default_factory=str)
    api: str = ""
    token_ref: SecretRef | None = None
    app_secret_name: str = ""
    labels: tuple[str, ...] = ()


class PullRequestGitlab(Record, frozen=True, kw_only=True):
    """Merge requests of a GitLab project."""

    project: str = field(default_factory=str)
    api: str = ""
    token_ref: SecretRef | None = None
    labels: tuple[str, ...] = ()
    pull_request_state: str = ""
    insecure: bool = False
    ca_ref: ConfigMapKeyRef | None = None


class PullRequestGitea(Record, frozen=True, kw_only=True):
    """Pull requests of a Gitea repository."""

    owner: str = field(default_factory=str)
    repo: str = field(default_factory=str)
    api: str = field(default_factory=str)
    token_ref: SecretRef | None = None
    insecure: bool = False
    labels: tuple[str, ...] = ()


class PullRequestBitbucketServer(Record, frozen=True, kw_only=True):
    """Pull requests of a Bitbucket Server repository."""

    project: str = field(default_factory=str)
    repo: str = field(default_factory=str)
    api: str = field(default_factory=str)
    basic_auth: BasicAuth | None = None
    bearer_token: BearerToken | None = None
    insecure: bool = False
    ca_ref: ConfigMapKeyRef | None = None


class PullRequestBitbucket(Record, frozen=True, kw_only=True):
    """Pull requests of a Bitbucket Cloud repository."""

    owner: str = field(default_factory=str)
    repo: str = field(default_factory=str)
    api: str = ""
    basic_auth: BasicAuth | None = None
    bearer_token: BearerToken | None = None


class PullRequestAzureDevOps(Record, frozen=True, kw_only=True):
    """Pull requests of an Azure DevOps repository."""

    organization: str = field(default_factory=str)
    project: str = field(default_factory=str)
    repo: str = field(default_factory=str)
    api: str = ""
    token_ref: SecretRef | None = None
    labels: tuple[str, ...] = ()


class PullRequestFilter(Record, frozen=True, kw_only=True):
    """What a pull request must fulfil; patterns are regular expressions."""

    branch_match: str | None = None
    target_branch_match: str | None = None
    title_match: str | None = None
