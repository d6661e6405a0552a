"""A report for a terminal or the log of a pipeline: the same findings, each with all its diffs."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.previews.markdown import counts, findings, verdict_words
from fairlead.previews.report import AppChange, Report

_SIGNS = {"added": "+", "changed": "~", "removed": "-"}


def lines(report: Report, *, with_diffs: bool = True) -> Iterator[str]:
    """Line by line; nothing in it steers a terminal."""
    yield report.summary[0].upper() + report.summary[1:] + "."
    if report.is_merged:
        yield f"{report.head[:10]} merged into {report.branch} ({report.target[:10]})"
    else:
        yield f"{report.head[:10]} conflicts with {report.branch} in {', '.join(report.conflicts)}"
    for app in report.changed:
        yield ""
        yield f"{app.namespace}/{app.name}: {'; '.join(filter(None, [counts(app), *findings(app)]))}"
        for text in _said(app):
            yield f"  {text}"
        for change in app.objects:
            words = verdict_words(change)
            yield f"  {_SIGNS[change.what]} {change.title}" + (f" ({words})" if words else "")
            if change.words:
                yield f"      {_flat(change.words)}"
            if with_diffs:
                shown = change.diff.splitlines() or ["(the diff is too large to be shown)"]
                yield from (f"      {_flat(line)}" for line in shown)
        if app.more:
            yield f"  {app.more} more objects"
    if report.unseen:
        yield ""
        yield f"{report.unseen} more applications are affected and not rendered."


def _said(app: AppChange) -> Iterator[str]:
    for text in (app.problem, app.note, app.waits):
        if text:
            yield from map(_flat, text.splitlines())
    if app.unasked:
        yield f"its cluster was not asked: {_flat(app.unasked)}"


def _flat(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
