"""What is said of what was hydrated: the commit's message, the README and `hydrator.metadata` of a folder,
and the note on the commit.

Message and README are Go templates, an operator's or these. Invariant: the variables have both the names of
`hydrator.metadata` (below `metadata`) and those of the README's fields, so templates of Argo CD mean what
they meant.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from fairlead.hydration.dry import DryMetadata
from fairlead.hydration.errors import TextRefusedError
from fairlead.hydration.files import Folder

NOTES = "refs/notes/hydrator.metadata"
"""Where it is noted which dry commit a commit holds the manifests of."""
MAX_MESSAGE = 128 << 10
MAX_README = 512 << 10
"""Characters of what a template comes to."""
MESSAGE_TEMPLATE = """\
{{ .metadata.drySha | trunc 7 }}: {{ .metadata.subject }}
{{- with .metadata.body }}

{{ . }}
{{- end }}
{{- if .authors }}
{{ range .authors }}
Co-authored-by: {{ . }}
{{- end }}
{{- end }}
"""
README_TEMPLATE = """\
# Hydrated manifests

`manifest.yaml` is made from commit {{ .DrySHA }} of {{ .RepoURL }}. A change here is overwritten: make it
there. To get the same by hand:

```shell
git clone {{ .RepoURL }}
# in the folder of the clone
git checkout {{ .DrySHA }}
{{- range .Commands }}
{{ . }}
{{- end }}
```
{{- if .References }}

## What led to it
{{ range .References }}
* {{ .Commit.SHA | trunc 7 }}{{ with .Commit.RepoURL }} of {{ . }}{{ end }}: {{ .Commit.Subject }}\
{{ with .Commit.Author }} ({{ . }}){{ end }}
{{- end }}
{{- end }}
"""


class _Noted(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    dry_sha: str = ""


def root_metadata(metadata: DryMetadata) -> bytes:
    """`hydrator.metadata` of the root."""
    return _json(metadata)


def folder_metadata(metadata: DryMetadata, commands: Iterable[str]) -> bytes:
    """`hydrator.metadata` of a folder."""
    found = {"repoURL": metadata.repo_url, "drySha": metadata.dry_sha, "commands": list(commands)}
    return _json({key: value for key, value in found.items() if value})


def note(metadata: DryMetadata) -> bytes:
    """What is noted on a commit."""
    return msgspec.json.encode(_Noted(metadata.dry_sha))


def dry_sha_of(content: bytes) -> str:
    """The dry commit that a note or the root's `hydrator.metadata` names, "" when it names none."""
    try:
        return msgspec.json.decode(content, type=_Noted).dry_sha
    except (msgspec.DecodeError, RecursionError):
        return ""


def variables(metadata: DryMetadata, folder: Folder | None = None) -> dict[str, Any]:
    """What templates may name; `Commands` are those of the folder whose README it is."""
    plain: dict[str, Any] = msgspec.to_builtins(metadata)
    commits = [reference.commit for reference in metadata.references]
    authors = [*(commit.author for commit in commits), metadata.author]
    return {
        "metadata": {"author": "", "date": "", "subject": "", "body": "", "references": [], **plain},
        "authors": list(dict.fromkeys(filter(None, authors))),
        "RepoURL": metadata.repo_url,
        "DrySHA": metadata.dry_sha,
        "Author": metadata.author,
        "Date": metadata.date,
        "Subject": metadata.subject,
        "Body": metadata.body,
        "Commands": list(folder.commands) if folder is not None else [],
        "References": [
            {
                "Commit": {
                    "Author": commit.author,
                    "Date": commit.date,
                    "Subject": commit.subject,
                    "Body": commit.body,
                    "SHA": commit.sha,
                    "RepoURL": commit.repo_url,
                }
            }
            for commit in commits
        ],
    }


def message(text: str) -> str:
    """A commit's message from what its template came to. Raises TextRefusedError."""
    found = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not found:
        raise TextRefusedError("sourceHydrator.commitMessageTemplate of argocd-cm comes to an empty message")
    return _bounded(found, MAX_MESSAGE, "sourceHydrator.commitMessageTemplate") + "\n"


def readme(text: str) -> bytes:
    """A README from what its template came to. Raises TextRefusedError."""
    found = text.replace("\0", "")
    return _bounded(found, MAX_README, "sourceHydrator.readmeMessageTemplate").encode(errors="replace")


def _bounded(text: str, most: int, key: str) -> str:
    if len(text) > most:
        raise TextRefusedError(f"{key} of argocd-cm comes to more than {most >> 10} KiB")
    return text


def _json(found: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
