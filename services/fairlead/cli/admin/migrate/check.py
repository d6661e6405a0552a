"""`admin migrate check`: what would be otherwise under Fairlead, found out by reading alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.cli.admin.backup import homes
from fairlead.cli.admin.control_plane import at
from fairlead.cli.admin.migrate.configured import configured
from fairlead.cli.admin.migrate.declared import declared
from fairlead.cli.admin.migrate.definitions import definitions
from fairlead.cli.admin.migrate.facts import Facts, gather
from fairlead.cli.admin.migrate.findings import (
    MEANING,
    ORDER,
    Degree,
    Finding,
    as_document,
    sorted_findings,
    worst,
)
from fairlead.cli.admin.migrate.installed import installed
from fairlead.cli.command import Invocation
from fairlead.cli.errors import EndedError
from fairlead.cli.view.columns import columns
from fairlead.cli.view.document import as_json
from fairlead.kube.rest import KubeClient

AT_ONCE = 5
"""Objects of which the same is said that are named; of more there is the number."""


def run(call: Invocation) -> None:
    """Print the findings; ends with 1 when one is as grave as `--fail-on`."""
    values = call.values

    async def read(client: KubeClient, namespace: str) -> Facts:
        return await gather(client, namespace, await homes(client, namespace, values))

    facts = at(values, read)
    found = findings_of(facts)
    if values.text("output") == "json":
        print(as_json(as_document(found, namespace=facts.namespace, applications=len(facts.applications))))
    else:
        print(written(facts, found), end="")
    limit = values.text("fail-on")
    if limit != "never" and ORDER.index(worst(found)) >= ORDER.index(Degree(limit)):
        raise EndedError(1)


def findings_of(facts: Facts) -> list[Finding]:
    """Everything that follows from the facts, the gravest first."""
    return sorted_findings([*installed(facts), *configured(facts), *definitions(facts), *declared(facts)])


def written(facts: Facts, found: list[Finding]) -> str:
    """The findings as a table, and what they come to."""
    counted = (
        f"{len(facts.applications)} applications, {len(facts.sets)} application sets and "
        f"{len(facts.projects)} projects in {facts.namespace}"
    )
    rows = [("", "AREA", "WHAT", ""), *_rows(found)]
    totals = ", ".join(
        f"{sum(one.degree is degree for one in found)} {MEANING[degree]}" for degree in reversed(ORDER)
    )
    return f"{counted}\n\n{columns(rows)}\n{totals}\n"


def _rows(found: Iterable[Finding]) -> Iterator[tuple[str, str, str, str]]:
    """One for each thing that is said, however many objects it is said of."""
    said: dict[tuple[Degree, str, str], list[str]] = {}
    for one in found:
        said.setdefault((one.degree, one.area, one.text), []).append(one.subject)
    for (degree, area, text), subjects in said.items():
        more = len(subjects) - AT_ONCE
        named = ", ".join(filter(None, subjects[:AT_ONCE])) + (f" and {more} more" if more > 0 else "")
        yield degree.value.upper(), area, named or "-", text
