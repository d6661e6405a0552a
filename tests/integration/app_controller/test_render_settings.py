"""What ConfigMaps say about rendering is in the bus for the repo-servers, at once."""

import asyncio

from fairlead.events import RenderSettings, decode
from fairlead.events.render_settings import RENDER_SETTINGS
from fairlead.kube.collection import CONFIG_MAPS
from tests.integration.app_controller.lab import PATIENCE, Lab


async def handed_over(lab: Lab) -> RenderSettings | None:
    entry = await lab.renderer.settings.get(RENDER_SETTINGS)
    return decode(RenderSettings, entry.value) if entry is not None and entry.value else None


async def until(lab: Lab, wanted: RenderSettings) -> None:
    async with asyncio.timeout(PATIENCE):
        while await handed_over(lab) != wanted:
            await asyncio.sleep(0.05)


async def test_settings_are_handed_over_and_follow_the_config_maps(lab: Lab) -> None:
    await until(lab, RenderSettings())
    data: dict[str, str | None] = {"helm.enable": "false"}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, lab.namespace)
    await until(lab, RenderSettings(disabled_tools=("Helm",)))
    parameters: dict[str, str | None] = {"reposerver.enable.git.submodule": "false"}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", {"data": parameters}, lab.namespace)
    await until(lab, RenderSettings(disabled_tools=("Helm",), git_submodules=False))
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"helm.enable": None}}, lab.namespace)
    nothing = {"data": dict.fromkeys(parameters)}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", nothing, lab.namespace)
    await until(lab, RenderSettings())
