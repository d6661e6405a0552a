"""Addresses of artifacts, and what is refused as one."""

import pytest

from fairlead.oci import OciInvalidError, Reference, is_digest, tag_of, version_of
from fairlead.oci.reference import checked_revision


@pytest.mark.parametrize(
    ("text", "chart", "address"),
    [
        ("oci://ghcr.io/org/charts/web", "", "https://ghcr.io/v2/org/charts/web"),
        ("OCI://Registry.example.com:5000/a_b/c--d", "", "https://registry.example.com:5000/v2/a_b/c--d"),
        ("registry.example.com/charts", "web", "https://registry.example.com/v2/charts/web"),
        ("registry.example.com/charts/", "team/web", "https://registry.example.com/v2/charts/team/web"),
        ("registry.example.com", "web", "https://registry.example.com/v2/web"),
        ("docker.io", "nginx", "https://registry-1.docker.io/v2/library/nginx"),
        (
            "oci://registry-1.docker.io/bitnamicharts",
            "nginx",
            "https://registry-1.docker.io/v2/bitnamicharts/nginx",
        ),
        ("oci://[::1]:5000/web", "", "https://[::1]:5000/v2/web"),
    ],
)
def test_an_address_names_a_host_and_a_repository(text: str, chart: str, address: str) -> None:
    reference = Reference.parse(text, chart)
    assert reference.address(force_http=False) == address
    assert reference.address(force_http=True) == address.replace("https", "http", 1)
    assert Reference.parse(str(reference)) == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "oci://",
        "oci://host",
        "oci://user:password@host/web",
        "oci://host/../v2/web",
        "oci://host/a//../b",
        "oci://host/Web",
        "oci://host/web?x=1",
        "oci://host/web#x",
        "oci://host/web:1.0",
        "oci://host/web@sha256:00",
        "oci://host:port/web",
        "oci://ho st/web",
        "oci://host/" + "a" * 256,
        "https://host/web",
        "oci://host/a\nb",
    ],
)
def test_what_is_no_such_address_is_refused_without_repeating_a_password(text: str) -> None:
    with pytest.raises(OciInvalidError) as refused:
        Reference.parse(text)
    assert "password" not in str(refused.value)


def test_a_revision_is_a_tag_or_a_digest() -> None:
    digest = f"sha256:{'0' * 64}"
    assert is_digest(digest)
    assert not is_digest("sha256:00")
    assert [checked_revision(text) for text in (digest, "1.0.0_b", "_x")] == [digest, "1.0.0_b", "_x"]
    for text in ("", "../x", "a/b", "sha256:00", "-x", "a" * 129, "é", "a\n"):
        with pytest.raises(OciInvalidError):
            checked_revision(text)


def test_build_metadata_is_written_with_an_underscore() -> None:
    assert (tag_of("1.0.0+b.1"), version_of("1.0.0_b.1")) == ("1.0.0_b.1", "1.0.0+b.1")
