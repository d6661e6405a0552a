"""Which tool a folder is for, by its names and by what is switched on."""

import pytest

from fairlead.repo_server.rendering.detect import tool_of

BOTH = {"kustomization.yaml", "Chart.yaml"}


@pytest.mark.parametrize(
    ("names", "disabled", "tool"),
    [
        (BOTH, (), "Kustomize"),
        (BOTH, ("Kustomize",), "Helm"),
        (BOTH, ("Kustomize", "Helm"), "Directory"),
        ({"Kustomization"}, ("Helm",), "Kustomize"),
        ({"kustomization.yml"}, (), "Kustomize"),
        ({"MyChart.yaml"}, (), "Helm"),
        ({"Kustomization.yaml", "chart.yaml"}, (), "Directory"),
    ],
)
def test_the_tool_is_the_first_that_is_switched_on(
    names: set[str], disabled: tuple[str, ...], tool: str
) -> None:
    assert tool_of(names, disabled) == tool
