"""Keys of argocd-cmd-params-cm as variables of a process, as Argo CD's manifests inject them.

Invariant: a variable that is set stands over the key; an empty one says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def variables_of(
    keys: Iterable[str], group: str, prefix: str, irregular: Mapping[str, str]
) -> dict[str, str]:
    """The key of each variable: the component's prefix and the key without its group, dots as underscores.

    `irregular` are the variables, and their keys, that keep to no such rule (contract 11.2).
    """
    named = set(irregular.values())
    regular = {
        prefix + key.removeprefix(f"{group}.").replace(".", "_").upper(): key
        for key in keys
        if key not in named
    }
    return {**regular, **irregular}


def laid_over(
    data: Mapping[str, str], environment: Mapping[str, str], variables: Mapping[str, str]
) -> dict[str, str]:
    """The ConfigMap's `data` under what the environment says."""
    given = {key: text for name, key in variables.items() if (text := environment.get(name, ""))}
    return {**data, **given}
