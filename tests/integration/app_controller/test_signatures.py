"""Signatures that a project demands: what was rendered before it did is never applied after."""

import asyncio
from collections.abc import Callable
from typing import Any

from fairlead.events import RenderFailure, SignaturesDemanded, SourcesWanted, subjects
from fairlead.events.envelope import decode
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS
from fairlead.matching.integrity import LOCAL_REFUSED
from fairlead.model.application import Application
from fairlead.signatures import Keyring
from tests.integration.app_controller.lab import PATIENCE, Lab, automated, conditions, config_map
from tests.signing import GpgKey

ALICE = GpgKey()
WORDS = "GIT/GPG: Failed verifying revision abc by 'Ann <ann@shop.example>': unsigned (key_id=)"


async def demanded(lab: Lab, wanted: Callable[[SignaturesDemanded | None], bool]) -> None:
    """Wait until the wish demands what it should."""
    async with asyncio.timeout(PATIENCE):
        while True:
            entry = await lab.renderer.wishes.get(subjects.app_tokens(lab.namespace, "app"))
            if entry and entry.value and wanted(decode(SourcesWanted, entry.value).sources[0].signatures):
                return
            await asyncio.sleep(0.02)


async def refresh(lab: Lab) -> None:
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})


def is_over(app: Application) -> bool:
    state = app.status.operation_state
    return state is not None and state.phase == "Succeeded"


async def guard(lab: Lab, *keys: str) -> None:
    spec = {"spec": {"signatureKeys": [{"keyID": key} for key in keys]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", spec, lab.namespace)


async def test_what_was_rendered_before_a_policy_or_a_key_is_not_applied_after_it(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one", colour="blue")])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.until(lambda app: app.operation is None and is_over(app))
    before = await lab.get(CONFIG_MAPS, "one")
    lab.renderer.silent = True
    await guard(lab, ALICE.key_id)
    await demanded(lab, lambda found: found is not None and found.keys == {ALICE.key_id: ""})
    await lab.renderer.commit(lab.repo, [config_map("one", colour="red")])
    metadata = {"name": "argocd-gpg-keys-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}}
    body: dict[str, Any] = {"metadata": metadata, "data": ALICE.entry}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-gpg-keys-cm", body, lab.namespace)
    digest = Keyring.of(ALICE.entry).digest(ALICE.key_id)
    await demanded(lab, lambda found: found is not None and found.keys == {ALICE.key_id: digest})
    await lab.renderer.commit(lab.repo, [config_map("one", colour="yellow")])
    lab.renderer.silent = False
    lab.renderer.holds(lab.repo, RenderFailure(message=WORDS))
    await refresh(lab)
    await lab.until(lambda app: conditions(app).get("ComparisonError") == WORDS)
    assert await lab.get(CONFIG_MAPS, "one") == before
    lab.renderer.holds(lab.repo, [config_map("one", colour="green")])
    await refresh(lab)
    await lab.until_live(
        CONFIG_MAPS, "one", lambda found: found is not None and found["data"]["colour"] == "green"
    )


async def test_manifests_from_somebodys_disk_are_refused_where_signatures_are_demanded(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one", colour="blue")])
    await guard(lab, ALICE.key_id)
    await lab.create_app()
    await demanded(lab, lambda found: found is not None)
    operation = {
        "sync": {"manifests": ['{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}']}
    }
    await lab.client.merge_patch(APPLICATIONS, "app", {"operation": operation}, lab.namespace)
    app = await lab.until(lambda app: app.status.operation_state is not None and app.operation is None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.message == f"ComparisonError: {LOCAL_REFUSED}"
    assert await lab.get(CONFIG_MAPS, "x") is None
