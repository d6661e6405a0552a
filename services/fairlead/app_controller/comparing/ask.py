"""Questions only the API server can answer: which lists have keys, then a dry run of what still differs.

An object that the server would refuse (an immutable field, a field it does not know) differs: the sync that
tries it says why.

Invariant: an answer is remembered for the desired digest and live version it was given for.
"""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from fairlead.app_controller.comparing.item import Item, Subject, not_compared, with_outcome
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.diff.compare import DEFAULT_RULES, FIELD_MANAGER, Rules, compare, record_answer
from fairlead.diff.dry_run import Prediction, interpret
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.result import Answer, Outcome, Reason, Rung, Verdict, outcome_of
from fairlead.kube.errors import BadRequestError, KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.whole import dry_run_or_write_whole
from fairlead.manifest.fields import Manifest
from fairlead.manifest.prepare import Desired
from fairlead.model.status import SyncCode
from fairlead.render.jq import UnansweredError, without_paths
from fairlead.sync.options import validates

log = structlog.get_logger(__name__)

ASK_AT_ONCE = 8
"""Dry runs of one application under way together."""


async def answered(subject: Subject, items: list[Item]) -> list[Item]:
    """Put the open questions to the API server."""
    open_questions = _open(items)
    if not open_questions:
        return items
    if await subject.cluster.list_keys.learn(_versions(open_questions)):
        asked = {item.key for item in open_questions}
        items = [_looked_at_again(subject, item) if item.key in asked else item for item in items]
        open_questions = _open(items)
    gate = asyncio.Semaphore(ASK_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = {item.key: group.create_task(_ask(subject, item, gate)) for item in open_questions}
    return [tasks[item.key].result() if item.key in tasks else item for item in items]


def _open(items: list[Item]) -> list[Item]:
    return [item for item in items if item.outcome is not None and item.outcome.needs_asking]


def _versions(items: list[Item]) -> set[tuple[str, str]]:
    return {(item.desired.gvk.group, item.desired.gvk.version) for item in items if item.desired is not None}


def _looked_at_again(subject: Subject, item: Item) -> Item:
    """The same comparison, by somebody who now knows the kind's lists."""
    desired, live = item.desired, item.live
    if desired is None or live is None or _resource(subject, desired) is None:
        return item
    decoded, rules = live.decoded(), item.rules or DEFAULT_RULES
    verdict = compare(desired, decoded, fingerprints=subject.cluster.fingerprints, rules=rules)
    return with_outcome(item, outcome_of(item.key, desired, decoded, verdict))


async def _ask(subject: Subject, item: Item, gate: asyncio.Semaphore) -> Item:
    desired, live = item.desired, item.live
    if desired is None or live is None:
        return item
    resource = _resource(subject, desired)
    if resource is None:
        return with_outcome(item, Outcome(key=item.key, status=SyncCode.OUT_OF_SYNC, reason=Reason.DIFFERS))
    decoded = live.decoded()
    async with gate:
        try:
            prediction = await predicted(subject, resource, desired, decoded, item.rules or DEFAULT_RULES)
        except BadRequestError:
            return _answered(subject, item, desired, decoded, equal=False)
        except (IgnoreRuleError, ImpersonationError, KubeError) as error:
            may_pass = isinstance(error, KubeError | UnansweredError)
            return not_compared(item, _failed(item, str(error)), in_doubt=may_pass)
        except Exception as error:
            log.exception("compare.failed", app=subject.terms.instance, object=str(item.key))
            return not_compared(item, _failed(item, f"{type(error).__name__}: {error}"), in_doubt=True)
    return _answered(subject, item, desired, decoded, equal=prediction.equal)


def _resource(subject: Subject, desired: Desired) -> Resource | None:
    """Where it is asked about; None for a version that is not served."""
    return subject.cluster.discovery.resource_for(*desired.key.group_kind, desired.gvk.version)


def _failed(item: Item, reason: str) -> str:
    return f"Failed to compare desired state to live state: {item.key}: {reason}"


async def predicted(
    subject: Subject, resource: Resource, desired: Desired, live: Manifest, rules: Rules
) -> Prediction:
    """What the API server says an apply would lead to. Raises KubeError, IgnoreRuleError, ImpersonationError.

    A live object that is followed in another version than Git speaks of is read in Git's version first.
    """
    writer = subject.writer()
    client, name, namespace = writer.client, desired.key.name, desired.key.namespace or None
    if live.get("apiVersion") != desired.gvk.api_version:
        live = msgspec.json.decode(await client.get(resource, name, namespace))
    answer = await dry_run_or_write_whole(
        writer,
        resource,
        name,
        desired.body,
        namespace,
        keys=subject.cluster.list_keys,
        validate=False,
        leave_out_undeclared=not validates(subject.terms.options, desired.marks.outline),
    )
    after = msgspec.json.decode(answer.object)
    if rules.ignored.jq_expressions:
        paths = await subject.jq.paths(rules.ignored.jq_expressions, (after, live))
        after, live = without_paths(after, paths[0]), without_paths(live, paths[1])
    return interpret(
        after,
        live,
        manager=FIELD_MANAGER,
        desired=None if answer.is_whole else desired.object,
        include_mutation_webhook=answer.is_whole or rules.include_mutation_webhook,
        ignored=rules.ignored,
        settings=rules.settings,
        list_keys=rules.list_keys,
    )


def _answered(subject: Subject, item: Item, desired: Desired, live: Manifest, *, equal: bool) -> Item:
    rules = item.rules or DEFAULT_RULES
    record_answer(desired, live, in_sync=equal, fingerprints=subject.cluster.fingerprints, rules=rules)
    verdict = Verdict(answer=Answer.IN_SYNC if equal else Answer.DIFFERS, rung=Rung.DRY_RUN)
    return with_outcome(item, outcome_of(item.key, desired, live, verdict))
