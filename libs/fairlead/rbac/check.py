"""What is to be said of a policy that can be read: patterns and effects that do not do what they seem to."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.rbac.expressions import is_readable
from fairlead.rbac.policy import ALLOW, DENY, Mode, Policy


def unreadable(policy: Policy, mode: Mode) -> Iterator[str]:
    """A sentence for each line with a pattern or an effect that cannot be read."""
    for subject, rules in policy.rules.items():
        for rule in rules:
            if rule.effect not in (ALLOW, DENY):
                yield f"'{rule.effect}' is neither allow nor deny, so the line of {subject} has no effect"
                continue
            for pattern in (rule.resource, rule.action, rule.object):
                if not is_readable(pattern, mode):
                    effect = "denies everything" if rule.effect == DENY else "allows nothing"
                    yield f"'{pattern}' cannot be read as {mode}, so it {effect} for {subject}"
