"""The schema of a chart's values, for whoever writes some.

The invariant: it is told to who may be told what the source consists of, and what is no schema is not told.
"""

from typing import Any

import msgspec

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.repository.content import looked_at, question_about
from fairlead.api_server.operations.repository.requests import AppDetailsQuery, ChartRulesQuery
from fairlead.manifest.nesting import MAX_REQUEST_NESTING, is_nested_deeper


class ChartRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`values.schema.json` of a chart. Without one both are empty; `problem` is why one that is there is not
    used."""

    rules: dict[str, Any] = {}
    problem: str = ""


async def chart_rules(backend: Backend, caller: Caller, query: ChartRulesQuery) -> ChartRules:
    """The schema of the values of the chart that a source is."""
    asked = AppDetailsQuery(source=query.source, app_name=query.app_name, app_project=query.app_project)
    source = looked_at(backend, caller, asked)
    found = await backend.ask.details(question_about(source, query.app_project, has_rules=True))
    return _read(found.rules)


def _read(text: str) -> ChartRules:
    if not text.strip():
        return ChartRules()
    if is_nested_deeper(text.encode(), MAX_REQUEST_NESTING):
        problem = f"values.schema.json is nested deeper than {MAX_REQUEST_NESTING} levels"
        return ChartRules(problem=problem)
    try:
        return ChartRules(rules=msgspec.json.decode(text, type=dict[str, Any]))
    except msgspec.DecodeError as error:
        return ChartRules(problem=f"values.schema.json cannot be read: {error}")
