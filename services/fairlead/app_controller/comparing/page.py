"""A ledger as it is written down, so that it outlives the process, and what of it still holds.

Invariant: it only saves work. A line is taken only where all that its verdict stands on is equal, value by
value, to what is the case now; everything else is compared anew, and neither a prune nor a deletion, nor
anything that is written to a cluster, rests on it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Final

import msgspec

from fairlead.app_controller.comparing.desired import Basis, Gist
from fairlead.app_controller.comparing.digest import terms_digest
from fairlead.app_controller.comparing.grounds import Grounds, Kind, Kinds, Terms
from fairlead.app_controller.comparing.item import Item, Remark, Subject
from fairlead.app_controller.comparing.judge import is_ours
from fairlead.app_controller.comparing.ledger import Findings, Footing, Ledger, Line, is_at
from fairlead.app_controller.rendering.render import Render
from fairlead.diff.compare import Fingerprint, Fingerprints
from fairlead.diff.result import Outcome, Reason
from fairlead.health import Health
from fairlead.kube.live_object import LiveObject
from fairlead.kube.live_state import LiveState
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.model.status import SyncCode

FORMAT: Final = f"1 {version('fairlead')}"
"""Changes when the meaning of what is written does, and with each release, which may judge otherwise."""
LOOP_SHARE = 0.005
"""Seconds of work before others have the loop."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One line. `kind` is a place in the page's kinds; `has_live` whether the live object was looked at;
    `known` what is known of the object as it was in sync."""

    key: ResourceKey
    desired: str
    namespaced: bool | None
    uid: str
    version: str
    spelling: str
    owner: str
    kind: int
    has_live: bool
    spoken: str
    outcome: tuple[SyncCode, Reason, bool, tuple[str, ...]] | None
    health: Health | None
    flags: tuple[bool, bool, bool, bool, bool]
    wave: int
    other_owner: str
    images: tuple[str, ...]
    urls: tuple[str, ...]
    problem: str
    health_problem: str
    known: Fingerprint | None


class Page(msgspec.Struct, frozen=True, array_like=True):
    """One application: which (`uid`), on which terms, what of, and its lines."""

    format: str
    uid: str
    terms: bytes
    basis: Basis
    gist: Gist
    render: Render
    kinds: tuple[tuple[GroupKind, str, Kind], ...]
    wanted: tuple[Row, ...]
    extra: tuple[Row, ...]
    remarks: tuple[tuple[str, str], ...]
    left_out: tuple[ResourceKey, ...]

    def keys(self) -> Iterator[ResourceKey]:
        """What was wanted."""
        yield from (row.key for row in self.wanted)
        yield from self.left_out


_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Page)


def written(page: Page) -> bytes:
    """The page as bytes."""
    return _ENCODER.encode(page)


def read(raw: bytes) -> Page | None:
    """The page, or None when it is of another version."""
    try:
        page = _DECODER.decode(raw)
    except (ValueError, RecursionError):
        return None
    return page if page.format == FORMAT else None


def page_of(
    ledger: Ledger, *, uid: str, basis: Basis, gist: Gist, render: Render, fingerprints: Fingerprints
) -> Page | None:
    """A page of what was compared; None while something of it is to be found out again."""
    terms = ledger.known_terms
    if terms is None or not ledger.is_settled:
        return None
    places = {known: place for place, known in enumerate(ledger.kinds)}

    def rows(lines: Mapping[ResourceKey, Line]) -> tuple[Row, ...]:
        return tuple(_row(line, places, fingerprints) for line in lines.values())

    return Page(
        format=FORMAT,
        uid=uid,
        terms=terms_digest(terms),
        basis=basis,
        gist=gist,
        render=render,
        kinds=tuple((*known, kind) for known, kind in ledger.kinds.items()),
        wanted=rows(ledger.wanted),
        extra=rows(ledger.extra),
        remarks=tuple((str(remark.type), remark.message) for remark in ledger.remarks),
        left_out=tuple(ledger.left_out),
    )


async def recall(page: Page, subject: Subject, ledger: Ledger) -> bool:
    """Take into a ledger what still holds of a page, for a subject that is not open. Whether that is all:
    then it is as if all had been compared a moment ago."""
    _remember(page, subject.cluster.live, subject.cluster.fingerprints)
    if page.terms != terms_digest(subject.terms):
        return False
    ledger.take_marks()
    recollection = _Recollection(page, subject)
    is_whole = await recollection.run()
    ledger.keep(
        Footing.of(subject),
        Findings(
            lines=recollection.lines,
            extra=recollection.extra,
            gone=set(),
            is_whole=True,
            remarks=tuple(Remark(kind, message) for kind, message in page.remarks),
            left_out=frozenset(page.left_out),
            kinds=recollection.kinds.known,
        ),
    )
    return is_whole


class _Recollection:
    """The lines of a page that still hold."""

    def __init__(self, page: Page, subject: Subject) -> None:
        self._page = page
        self._terms = subject.terms
        self._live = subject.cluster.live
        self.kinds = Kinds(subject.cluster)
        self.lines: dict[ResourceKey, Line] = {}
        self.extra: set[ResourceKey] = set()

    async def run(self) -> bool:
        """Find them; whether that is all there is to be known."""
        known = [self.kinds.of(kind, version) for kind, version, _ in self._page.kinds]
        is_whole = all(now == then[2] for now, then in zip(known, self._page.kinds, strict=True))
        since = time.monotonic()
        for row in (*self._page.wanted, *self._page.extra):
            if time.monotonic() - since > LOOP_SHARE:
                await asyncio.sleep(0)
                since = time.monotonic()
            is_whole &= self._take(row, known[row.kind])
        self.extra = {row.key for row in self._page.extra if row.key in self.lines}
        unknown = (live for live in self._live.owned_by(self._terms.instance) if live.key not in self.lines)
        left_out = set(self._page.left_out)
        return is_whole and not any(
            is_ours(live, self._terms) for live in unknown if live.key not in left_out
        )

    def _take(self, row: Row, kind: Kind) -> bool:
        live = self._live.get(row.key)
        grounds = _grounds(row, kind, self._terms)
        if kind != self._page.kinds[row.kind][2] or not is_at(grounds, live):
            return False
        self.lines[row.key] = Line(grounds, _item(row, live))
        return True


def _remember(page: Page, there: LiveState, fingerprints: Fingerprints) -> None:
    """What is known of the very objects that are there. One of the same name in another cluster, or in one
    that was made anew, is another, whatever its version is."""
    for row in page.wanted:
        if row.known is None or not row.uid:
            continue
        live = there.get(row.key)
        if live is not None and live.uid == row.uid and fingerprints.fingerprint(row.key) is None:
            digest, projection, plain, seen = row.known
            fingerprints.record(row.key, digest, projection, plain=plain, seen=seen)


def _row(line: Line, places: Mapping[tuple[GroupKind, str], int], fingerprints: Fingerprints) -> Row:
    grounds, item = line
    outcome = item.outcome
    return Row(
        item.key,
        grounds.desired,
        grounds.namespaced,
        grounds.uid,
        grounds.version,
        grounds.spelling,
        grounds.owner,
        places[item.key.group_kind, item.version],
        item.live is not None,
        item.version,
        None if outcome is None else (outcome.status, outcome.reason, outcome.counts, outcome.paths),
        item.health,
        (item.hook, item.skipped, item.copied, item.ignored_health, item.needs_confirmation),
        item.wave,
        item.other_owner,
        item.images,
        item.urls,
        item.problem,
        item.health_problem,
        fingerprints.fingerprint(item.key) if item.is_wanted else None,
    )


def _grounds(row: Row, kind: Kind, terms: Terms) -> Grounds:
    return Grounds(
        terms=terms,
        desired=row.desired,
        namespaced=row.namespaced,
        uid=row.uid,
        version=row.version,
        spelling=row.spelling,
        owner=row.owner,
        kind=kind,
    )


def _item(row: Row, live: LiveObject | None) -> Item:
    hook, skipped, copied, ignored_health, needs_confirmation = row.flags
    outcome = None
    if row.outcome is not None:
        status, reason, counts, paths = row.outcome
        outcome = Outcome(key=row.key, status=status, reason=reason, counts=counts, paths=paths)
    return Item(
        key=row.key,
        version=row.spoken,
        desired=None,
        live=live if row.has_live else None,
        outcome=outcome,
        health=row.health,
        hook=hook,
        skipped=skipped,
        copied=copied,
        wave=row.wave,
        ignored_health=ignored_health,
        needs_confirmation=needs_confirmation,
        other_owner=row.other_owner,
        images=row.images,
        urls=row.urls,
        problem=row.problem,
        health_problem=row.health_problem,
        remembered=bool(row.desired),
    )
