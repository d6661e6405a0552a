"""A null that an Application holds is kept wherever its source is kept."""

from typing import Any

import msgspec

from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS
from tests.integration.app_controller.lab import Lab, automated, config_map, is_synced

VALUES = {"image": {"tag": None, "name": "web"}, "extra": [{"one": None}]}


async def raw(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(await lab.client.get(APPLICATIONS, "app", lab.namespace))
    return found


def source(lab: Lab) -> dict[str, Any]:
    return {"repoURL": lab.repo, "path": ".", "helm": {"valuesObject": VALUES}}


async def test_a_null_is_kept_in_status_history_and_operation(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(source=source(lab), **automated())
    await lab.synced()
    found = await raw(lab)
    given = found["spec"]["source"]["helm"]["valuesObject"]
    assert given == VALUES
    status = found["status"]
    assert status["sync"]["comparedTo"]["source"]["helm"]["valuesObject"] == given
    assert status["history"][0]["source"]["helm"]["valuesObject"] == given
    state = status["operationState"]
    assert state["syncResult"]["source"]["helm"]["valuesObject"] == given
    assert state["operation"]["sync"]["source"]["helm"]["valuesObject"] == given


async def test_with_a_null_a_failed_sync_is_not_begun_again_and_again(lab: Lab) -> None:
    refused = config_map(colour="blue")
    refused["data"] = {"bad key!": "x"}
    lab.renderer.holds(lab.repo, [refused, config_map("other")])
    await lab.create_app(source=source(lab), **automated(), operation=None)
    await lab.patch_app({"spec": {"syncPolicy": {"retry": {"limit": 0}}}})
    app = await lab.until(lambda app: bool(app.status.operation_state and app.operation is None))
    assert app.status.operation_state is not None
    began = app.status.operation_state.started_at
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    app = await lab.until(lambda app: "argocd.argoproj.io/refresh" not in app.metadata.annotations)
    assert app.status.operation_state is not None
    assert app.status.operation_state.started_at == began
    assert not is_synced(app)
    assert await lab.get(CONFIG_MAPS, "settings") is None
