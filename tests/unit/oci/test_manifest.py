"""Which layer of an artifact is its content."""

import json

import pytest

from fairlead.oci import CONTENT, HELM_CHART, Descriptor, Manifest, OciContentError
from fairlead.oci.manifest import HELM_CONFIG, OCI_INDEX, OCI_MANIFEST, read

DIGEST = f"sha256:{'0' * 64}"


def manifest(*media_types: str) -> Manifest:
    layers = tuple(Descriptor(media_type=kind, digest=DIGEST) for kind in media_types)
    return Manifest(digest=DIGEST, media_type=OCI_MANIFEST, layers=layers)


@pytest.mark.parametrize("media_type", CONTENT)
def test_the_one_layer_of_a_media_type_that_is_taken_is_the_content(media_type: str) -> None:
    assert manifest("application/provenance", media_type).content().media_type == media_type


def test_anything_but_one_such_layer_is_refused_in_argo_cds_words() -> None:
    for kinds, count in (((HELM_CHART, HELM_CHART), 2), (("text/plain",), 0), ((), 0)):
        with pytest.raises(OciContentError, match=f"expected only a single oci content layer, got {count}"):
            manifest(*kinds).content()
    with pytest.raises(OciContentError, match="expected no more than 10 oci layers, got 11"):
        manifest(*[HELM_CHART] * 11).content()


def test_which_media_types_are_taken_is_the_operators_choice() -> None:
    assert manifest("text/plain").content(("text/plain",)).media_type == "text/plain"
    with pytest.raises(OciContentError):
        manifest(HELM_CHART).content(("text/plain",))


def test_a_manifest_is_read_from_its_json() -> None:
    body = json.dumps(
        {
            "config": {"mediaType": HELM_CONFIG},
            "layers": [{"mediaType": HELM_CHART, "digest": DIGEST, "size": 3}],
        }
    )
    found = read(body.encode(), DIGEST, OCI_MANIFEST)
    assert isinstance(found, Manifest)
    assert (found.is_chart, found.media_type, found.content().size) == (True, OCI_MANIFEST, 3)


def test_an_index_is_its_only_artifact_and_attestations_are_none() -> None:
    attestation = {"digest": "sha256:1", "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    body = json.dumps({"manifests": [attestation, {"digest": DIGEST}]}).encode()
    assert read(body, "", OCI_INDEX) == Descriptor(digest=DIGEST)
    with pytest.raises(OciContentError, match="an index of 2 artifacts"):
        read(json.dumps({"manifests": [{"digest": DIGEST}] * 2}).encode(), "", "")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"layers": 1}', b'{"layers": [{"size": "x"}]}'])
def test_what_is_no_manifest_is_refused(body: bytes) -> None:
    with pytest.raises(OciContentError, match="cannot be read"):
        read(body, DIGEST, OCI_MANIFEST)
