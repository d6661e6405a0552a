"""Flags of `kustomize build` act as Kustomize means them, or are told in a sentence."""

import pytest

from fairlead.render.build_flags import build_flags, process_flags


def test_no_flags_are_the_defaults() -> None:
    flags = build_flags("")
    assert not flags.unrestricted
    assert not flags.enable_helm
    assert flags.idle == ()
    assert not flags.refusal


@pytest.mark.parametrize(
    "text",
    [
        "--load-restrictor LoadRestrictionsNone",
        "--load-restrictor=LoadRestrictionsNone",
        "--load_restrictor none",
    ],
)
def test_the_restriction_of_files_is_lifted_in_every_spelling(text: str) -> None:
    assert build_flags(text).unrestricted


def test_charts_are_inflated_for_the_version_that_is_given() -> None:
    flags = build_flags(
        "--enable-helm --helm-kube-version 1.30 --helm-api-versions a/v1,b/v1 --reorder legacy"
    )
    assert flags.enable_helm
    assert (flags.kube_version, flags.api_versions) == ("1.30", ("a/v1", "b/v1"))
    assert flags.reorder == "legacy"


def test_programs_of_a_repository_are_not_run_and_that_is_said() -> None:
    flags = build_flags("--enable-alpha-plugins --enable-exec")
    assert len(flags.idle) == 2
    assert "--enable-exec has no effect: programs that a kustomization names are not run" in flags.idle


@pytest.mark.parametrize("text", ["--unheard-of", "--load-restrictor", "--load-restrictor Some", "word"])
def test_what_kustomize_does_not_know_is_refused(text: str) -> None:
    assert "is not understood" in build_flags(text).refusal


def test_an_operators_binary_is_given_no_flag_that_runs_programs_of_a_repository() -> None:
    given = (
        "--enable-alpha-plugins --enable-exec --mount type=bind --load-restrictor=none -e A=1 --enable-helm"
    )
    assert process_flags(given) == ["--load-restrictor=none", "--enable-helm"]
    assert process_flags("--reorder none") == ["--reorder", "none"]
