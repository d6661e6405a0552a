"""Whose signatures a project demands of a source (contract 7.11).

Invariant: where it is in doubt whether a policy is meant, it is. An address that is spelled otherwise, and a
rule that cannot be read, take nothing out of a policy's reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fairlead.events.sources import SignaturesDemanded
from fairlead.matching.globs import denies, matches
from fairlead.matching.repository import is_artifact, normalized_url, without_password
from fairlead.model.appproject import (
    AppProjectSpec,
    GpgMode,
    SourceIntegrityGpg,
    SourceIntegrityPolicy,
    SourceIntegrityRepo,
)
from fairlead.model.source import Source
from fairlead.signatures.keyring import Keyring, Kind, canonical, kind_of

LOCAL_REFUSED = "Cannot use local manifests when source integrity is enforced"
_USER = re.compile(r"(?<=://)[^/?#]*@")


def policies_of(spec: AppProjectSpec) -> tuple[SourceIntegrityPolicy, ...]:
    """The policies in force: the older `signatureKeys` are one for every repository where no other is."""
    own = spec.source_integrity.git.policies if spec.source_integrity is not None else ()
    if own or not spec.signature_keys:
        return own
    keys = tuple(key.key_id for key in spec.signature_keys)
    gpg = SourceIntegrityGpg(mode=GpgMode.HEAD, keys=keys)
    return (SourceIntegrityPolicy(repos=(SourceIntegrityRepo(url="*"),), gpg=gpg),)


def demanded(
    spec: AppProjectSpec, sources: Sequence[Source], keyring: Keyring
) -> tuple[SignaturesDemanded | None, ...]:
    """What is demanded of each source, None for nothing."""
    policies = policies_of(spec)
    if not policies:
        return (None,) * len(sources)
    return tuple(_of(policies, sources, at, keyring) for at in range(len(sources)))


def is_demanded(spec: AppProjectSpec, sources: Sequence[Source]) -> bool:
    """Whether signatures are demanded of any of these sources."""
    return any(one is not None for one in demanded(spec, sources, Keyring()))


def _of(
    policies: Sequence[SourceIntegrityPolicy], sources: Sequence[Source], at: int, keyring: Keyring
) -> SignaturesDemanded | None:
    source = sources[at]
    found = [policy.gpg for policy in policies if _concerns(policy.repos, source.repo_url)]
    artifact = _is_artifact(source)
    if artifact or source.chart:
        found = [gpg for gpg in found if artifact and any(kind_of(key) is Kind.COSIGN for key in gpg.keys)]
    if not found:
        return None
    label = _label(sources, at)
    if len(found) > 1:
        url = without_password(source.repo_url)
        problem = f"multiple ({len(found)}) git source integrity policies found for repo URL: {url}"
        return SignaturesDemanded(label=label, problem=problem)
    [gpg] = found
    if gpg.mode is GpgMode.NONE:
        return None
    names = (key for key in gpg.keys if (kind_of(key) is Kind.COSIGN) is artifact)
    keys = {canonical(name): keyring.digest(name) for name in names}
    return SignaturesDemanded(mode=gpg.mode.value, keys=keys, label=label)


def _concerns(repos: Iterable[SourceIntegrityRepo], url: str) -> bool:
    spellings = _spellings(url)
    is_meant = False
    for repo in repos:
        pattern = repo.url.strip()
        if pattern.startswith("!"):
            if any(matches(one, text) for one in _patterns(pattern[1:]) for text in spellings):
                return False
        elif any(denies(one, text) for one in _patterns(pattern) for text in spellings):
            is_meant = True
    return is_meant


def _spellings(url: str) -> tuple[str, ...]:
    normal = normalized_url(url)
    return tuple(dict.fromkeys((url.strip(), normal, _USER.sub("", normal))))


def _patterns(pattern: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((pattern, normalized_url(pattern))))


def _is_artifact(source: Source) -> bool:
    """Whether it comes from a registry; the older form of a chart in one has no scheme."""
    return is_artifact(source.repo_url) or bool(source.chart and "://" not in source.repo_url)


def _label(sources: Sequence[Source], at: int) -> str:
    if len(sources) == 1:
        return ""
    name = sources[at].name
    return f"source {name}: " if name else f"source {at + 1} of {len(sources)}: "
