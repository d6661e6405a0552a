"""A comment on the pull requests that a commit belongs to; with a tag there is one, which is changed."""

from __future__ import annotations

from urllib.parse import quote

from fairlead.notices.senders.fields import cut
from fairlead.notices.senders.github.block import PullRequestComment
from fairlead.notices.senders.github.client import Client

MOST_BODY = 65_536
"""Characters that GitHub takes for a comment."""


def mark_of(tag: str) -> str:
    """What a comment has at its end, unseen, so that it is found again."""
    return f"<!-- argocd-notifications {tag} -->"


async def comment(
    client: Client, repository: str, revision: str, wanted: PullRequestComment, done: set[str]
) -> None:
    """On each of them; one that has it already, from a try before, gets no second."""
    mark = mark_of(wanted.comment_tag) if wanted.comment_tag else ""
    ending = f"\n{mark}" if mark else ""
    body = cut(wanted.content, MOST_BODY - len(ending)) + ending
    for number in await _pull_requests(client, repository, revision):
        part = f"comment {number}"
        if part in done:
            continue
        known = await _found(client, repository, number, mark) if mark else None
        if known is None:
            await client.post(repository, f"issues/{number}/comments", {"body": body})
        else:
            await client.patch(repository, f"issues/comments/{known}", {"body": body})
        done.add(part)


async def _pull_requests(client: Client, repository: str, revision: str) -> list[int]:
    found = await client.pages(repository, f"commits/{quote(revision, safe='')}/pulls")
    numbers = [item.get("number") for item in found if isinstance(item, dict)]
    return [number for number in numbers if isinstance(number, int)]


async def _found(client: Client, repository: str, number: int, mark: str) -> int | None:
    """The id of the comment that has the mark."""
    for item in await client.pages(repository, f"issues/{number}/comments"):
        if isinstance(item, dict) and mark in str(item.get("body") or "") and isinstance(item.get("id"), int):
            return int(item["id"])
    return None
