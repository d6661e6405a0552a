"""What is told of the tools is what the engine is built with."""

from pathlib import Path

import pytest

from fairlead.model.release import HELM, JSONNET, KUSTOMIZE

ROOT = Path(__file__).parents[3]
ENGINE = ROOT / "services/render_engine/go.mod"
REAL_KUSTOMIZE = ROOT / "tests/golden/tools/kustomize/go.mod"


@pytest.mark.parametrize(
    ("file", "module", "version"),
    [
        (ENGINE, "helm.sh/helm/v4", HELM),
        (ENGINE, "github.com/google/go-jsonnet", JSONNET),
        (REAL_KUSTOMIZE, "sigs.k8s.io/kustomize/kustomize/v5", KUSTOMIZE),
    ],
)
def test_a_version_that_is_told_is_the_one_that_renders(file: Path, module: str, version: str) -> None:
    required = [
        line.split() for line in file.read_text().splitlines() if line.strip().startswith(f"{module} ")
    ]
    assert [words[1] for words in required] == [version]


def test_the_binary_that_overlays_are_compared_with_has_the_library_of_the_engine() -> None:
    def api(file: Path) -> list[str]:
        lines = (line.split() for line in file.read_text().splitlines())
        return [words[1] for words in lines if words[:1] == ["sigs.k8s.io/kustomize/api"]]

    assert api(ENGINE) == api(REAL_KUSTOMIZE)
