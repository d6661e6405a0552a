"""A report as a comment: what a person has to know first, then each application, then each object's diff.

Invariant: the comment is never longer than its host takes, and what is left out is said. Nothing that comes
from a repository or a cluster is markup: it stands in code, whose fences it cannot end. No line begins as
commands to hosts and to those who listen there do, as these are heard in code, too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from fairlead.previews.report import ADDED, CHANGED, REMOVED, AppChange, ObjectChange, Report
from fairlead.rpc import foreseen

MAX_ROWS: Final = 60
"""Applications of the table."""
MAX_WORDS: Final = 300
"""Characters of somebody's words about one object."""
SPARE: Final = 400
"""Bytes that stay free for the last line."""
_BACKTICKS: Final = re.compile(r"`{3,}")
_COMMAND: Final = re.compile(r"^(?=[^\S\n]*/)", re.M)
_SIGNS: Final = {ADDED: "+", CHANGED: "~", REMOVED: "-"}
_VERDICTS: Final = {
    foreseen.REFUSED: "refused by the cluster",
    foreseen.IMMUTABLE: "refused: a field cannot be changed",
    foreseen.FORBIDDEN: "forbidden by the project",
    foreseen.REPLACED: "replaced",
    foreseen.FOREIGN: "belongs to another application",
    foreseen.ADOPTED: "taken over",
    foreseen.PRUNED: "pruned",
    foreseen.KEPT: "kept",
    foreseen.ABSENT: "not in the cluster",
    foreseen.SAME: "already so in the cluster",
    foreseen.CREATED: "created",
    foreseen.UNTRIED: "not tried",
}
_TOLD: Final = (
    foreseen.REFUSED,
    foreseen.IMMUTABLE,
    foreseen.FORBIDDEN,
    foreseen.REPLACED,
    foreseen.FOREIGN,
    foreseen.ADOPTED,
    foreseen.PRUNED,
)
"""What the table says of an application, in this order."""


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """What a host takes: so many bytes of a comment, and whether parts of it can be folded."""

    limit: int
    folds: bool = True


def comment(report: Report, dialect: Dialect, *, mark: str = "") -> str:
    """The comment, which begins with `mark`."""
    room = dialect.limit - SPARE
    text = "\n".join([*([mark] if mark else []), *_head(report), *_table(report), ""])
    left = 0
    for app in _ordered(report):
        for part in _application(app, dialect):
            if len(text.encode()) + len(part.encode()) > room:
                left += 1
                break
            text += part
    if left:
        which = _many(left, "application")
        text += f"\nOf {which} there is more than fits here: `fairlead repo preview` shows all.\n"
    return text.encode()[: dialect.limit].decode(errors="ignore")


def verdict_words(change: ObjectChange) -> str:
    """What the cluster says of an object, in a few words; "" when nothing has to be said."""
    words = _VERDICTS.get(change.verdict, "")
    if change.verdict == foreseen.FOREIGN and change.owner:
        words = f"belongs to {change.owner.replace('_', '/', 1)}"
    return words


def counts(app: AppChange) -> str:
    """How many objects become what."""
    found = [f"{app.count(what)} {what}" for what in (CHANGED, ADDED, REMOVED) if app.count(what)]
    if app.more:
        found.append(f"{app.more} more")
    return ", ".join(found)


def findings(app: AppChange) -> list[str]:
    """What is to be known of an application first."""
    found = []
    if app.problem:
        found.append("cannot be rendered" + (", as before" if app.problem_before else ""))
    elif app.problem_before:
        found.append("can be rendered again")
    for verdict in _TOLD:
        if many := app.judged(verdict):
            found.append(f"{len(many)} {_VERDICTS[verdict]}")
    if app.judged(foreseen.PRUNED) and not (app.is_automated and app.prunes):
        found.append("pruned only when somebody asks for it")
    if app.waits:
        found.append("the guard of prunes waits for a person")
    if app.unasked:
        found.append("its cluster was not asked")
    return found


def _head(report: Report) -> Iterator[str]:
    sign = "✅" if report.is_fine else "❌"
    yield f"### {sign} Fairlead: {report.summary_of(_code(report.branch))}"
    yield ""
    head, target = report.head[:10], report.target[:10]
    if report.is_merged:
        yield f"What {_code(report.branch)} would deploy with {head} merged into {target}."
    else:
        yield (
            f"{head} conflicts with {_code(report.branch)} ({target}) in "
            f"{', '.join(_code(path) for path in report.conflicts[:5])}: what the head alone would deploy is "
            "compared with where it parted."
        )
    if report.of_strangers:
        yield "It comes from a fork: no cluster was asked, no plugin run and nothing fetched for it."
    if report.unseen:
        which = _many(report.unseen, "affected application")
        yield f"**{which} more: not rendered**, as there are too many."
    yield ""


def _table(report: Report) -> Iterator[str]:
    changed = _ordered(report)
    if not changed:
        return
    yield "| Application | Objects | To be known |"
    yield "|---|---|---|"
    for app in changed[:MAX_ROWS]:
        found = "; ".join(findings(app))
        sign = "❌ " if app.is_broken else "⚠️ " if found else ""
        yield f"| {sign}{_code(_name(app))} | {counts(app)} | {found} |"
    if len(changed) > MAX_ROWS:
        yield f"| {len(changed) - MAX_ROWS} more | | |"


def _ordered(report: Report) -> list[AppChange]:
    """Those that would fail first, then those of which something is to be known."""
    return sorted(report.changed, key=lambda app: (not app.is_broken, not findings(app)))


def _application(app: AppChange, dialect: Dialect) -> Iterator[str]:
    """The parts of an application, each of which may be left out with all that follow."""
    title = f"{_name(app)}: {counts(app) or 'cannot be rendered'}"
    opened, closed = _folding(title, dialect)
    words = [
        text
        for text in (app.note, app.waits, app.unasked and f"Its cluster was not asked: {app.unasked}")
        if text
    ]
    text = opened + "".join(f"{_plain(each)}\n\n" for each in words)
    if app.problem:
        text += "It cannot be rendered:\n\n" + _fenced(app.problem[:4000], "")
    objects = sorted(app.objects, key=lambda each: (not each.is_refused, not verdict_words(each)))
    if not dialect.folds or not objects:
        yield text + closed
        for each in objects:
            yield _object(each, dialect)
        return
    size = dialect.limit // 3
    for each in objects:
        part = _object(each, dialect)
        if len(text.encode()) + len(part.encode()) > size:
            yield text + closed
            text = _folding(f"{_name(app)}, continued", dialect)[0]
        text += part
    yield text + closed


def _object(change: ObjectChange, dialect: Dialect) -> str:
    words = verdict_words(change)
    title = f"{_SIGNS[change.what]} {change.title}" + (f" ({words})" if words else "")
    opened, closed = _folding(title, dialect)
    said = _fenced(change.words[:MAX_WORDS], "") if change.words else ""
    diff = _fenced(change.diff, "diff") if change.diff else "The diff is too large to be shown.\n\n"
    limit = dialect.limit // 4
    if len(diff.encode()) > limit:
        lines = change.diff.encode()[: limit - SPARE].decode(errors="ignore").rpartition("\n")[0]
        diff = _fenced(f"{lines}\n…", "diff")
    return opened + said + diff + closed


def _folding(title: str, dialect: Dialect) -> tuple[str, str]:
    if dialect.folds:
        shown = html.escape(_flat(title))
        return f"<details><summary><code>{shown}</code></summary>\n\n", "</details>\n\n"
    return f"**{_code(title)}**\n\n", ""


def _fenced(text: str, language: str) -> str:
    longest = max((len(each) for each in _BACKTICKS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    shown = _COMMAND.sub("| ", "".join(each for each in text if each.isprintable() or each in "\n\t"))
    return f"{fence}{language}\n{shown}\n{fence}\n\n"


def _code(text: str) -> str:
    """A text within a line, or a cell of a table."""
    flat = _flat(text).replace("`", "'").replace("|", "¦")
    return f"`{flat}`" if flat else ""


def _plain(text: str) -> str:
    """Words that may have others' words in them."""
    return _code(text[:MAX_WORDS])


def _flat(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


def _name(app: AppChange) -> str:
    return f"{app.namespace}/{app.name}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
