"""The lines of some subjects, sorted by what they are about, and what they decide about objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fairlead.rbac.expressions import matches
from fairlead.rbac.pattern_set import PatternSet
from fairlead.rbac.policy import ALLOW, DENY, Mode, Rule

MAX_WORD = 256
"""Characters of a resource, an action or an object up to which something is remembered of it."""
WORDS = 2_000
"""Resources and actions, by name, whose lines are remembered."""


class Verdict:
    """What lines about one resource and action decide: some line allows and none denies."""

    def __init__(self, rules: Iterable[Rule], mode: Mode) -> None:
        found = list(rules)
        self.allowed = PatternSet((rule.object for rule in found if rule.effect == ALLOW), mode)
        self.denied = PatternSet((rule.object for rule in found if rule.effect == DENY), mode, denies=True)

    def about(self, obj: str) -> bool:
        """Whether an object is allowed."""
        return self.allowed.means(obj) and not self.denied.means(obj)

    def about_all(self, start: str) -> bool | None:
        """Whether all objects are whose names begin so; None when it depends on the rest of the name."""
        allowed, denied = self.allowed.means_all(start), self.denied.means_all(start)
        if allowed is False or denied is True:
            return False
        return True if allowed is True and denied is False else None


class Lines:
    """The lines that hold for some subjects together."""

    def __init__(self, rules: Sequence[Rule], mode: Mode) -> None:
        self._mode = mode
        self._by_words: dict[tuple[str, str, str], list[Rule]] = {}
        for rule in rules:
            self._by_words.setdefault((rule.resource, rule.action, rule.effect), []).append(rule)
        self._verdicts: dict[tuple[tuple[str, str, str], ...], Verdict] = {}
        self._known: dict[tuple[str, str], Verdict] = {}

    def __bool__(self) -> bool:
        return bool(self._by_words)

    def on(self, resource: str, action: str) -> Verdict:
        """What they say about a resource and an action."""
        found = self._known.get((resource, action))
        if found is None:
            found = self._made(resource, action)
            if len(self._known) >= WORDS:
                self._known.clear()
            if len(resource) + len(action) <= MAX_WORD:
                self._known[resource, action] = found
        return found

    def _made(self, resource: str, action: str) -> Verdict:
        meant = tuple(words for words in self._by_words if self._means(words, resource, action))
        found = self._verdicts.get(meant)
        if found is None:
            if len(self._verdicts) >= WORDS:
                self._verdicts.clear()
            rules = (rule for words in meant for rule in self._by_words[words])
            found = self._verdicts[meant] = Verdict(rules, self._mode)
        return found

    def _means(self, words: tuple[str, str, str], resource: str, action: str) -> bool:
        denies = words[2] == DENY
        return matches(words[0], resource, self._mode, denies=denies) and matches(
            words[1], action, self._mode, denies=denies
        )


class Decision:
    """What several verdicts, the first that allows ending it, say about objects that begin alike.

    `all` is whether they all are allowed; None when it depends on the rest of the name.
    """

    def __init__(self, verdicts: Sequence[Verdict], start: str) -> None:
        self._verdicts = [verdict for verdict in verdicts if verdict.allowed]
        self.all = self._about_all(start) if start.endswith("/") else None

    @property
    def allows(self) -> bool:
        """Whether some line allows something."""
        return bool(self._verdicts)

    def about(self, obj: str) -> bool:
        """Whether an object is allowed."""
        return any(verdict.about(obj) for verdict in self._verdicts) if self.all is None else self.all

    def _about_all(self, start: str) -> bool | None:
        found = [verdict.about_all(start) for verdict in self._verdicts]
        if True in found:
            return True
        return None if None in found else False
