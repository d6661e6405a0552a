"""A list put together of encoded applications is the list that would be encoded as a whole."""

import msgspec

from fairlead.api_server import documents
from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.encoded import LIST, ApplicationAnswer, ApplicationListAnswer
from fairlead.wire.decode import decode
from tests import wire_messages as google


def document(name: str) -> ApplicationDocument:
    app = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "labels": {"a": "b"}},
        "spec": {
            "source": {"repoURL": "https://git.example/x.git", "helm": {"valuesObject": {"a": [1, None]}}},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
            "project": "default",
            "syncPolicy": {"automated": {}},
        },
        "status": {
            "reconciledAt": "2026-11-23T01:32:39Z",
            "sync": {"status": "Synced", "revision": "0" * 40},
            "resources": [
                {"kind": "Service", "name": str(n), "version": "v1", "health": {"status": "Healthy"}}
                for n in range(5)
            ],
        },
    }
    return read_application(msgspec.json.encode(app))


def test_both_forms_of_a_list_say_the_same() -> None:
    shown = [document("a"), document("b")]
    answer = ApplicationListAnswer("7", shown)
    said = msgspec.json.decode(answer.json())
    for item in said["items"]:
        del item["apiVersion"], item["kind"]
    assert decode(LIST, answer.proto()) == said
    read = google.kind(LIST).FromString(answer.proto())
    assert [item.metadata.name for item in read.items] == ["a", "b"]
    assert read.metadata.resourceVersion == "7"
    assert ApplicationAnswer(shown[0]).proto() == shown[0].proto


def test_an_application_is_encoded_once_for_all_who_ask() -> None:
    made: list[str] = []
    encode = documents.encode

    def counted(name: str, value: dict[str, object]) -> bytes:
        made.append(name)
        return encode(name, value)

    documents.encode = counted  # type: ignore[assignment]
    try:
        shown = [document(str(n)) for n in range(10)]
        for _ in range(5):
            ApplicationListAnswer("1", shown).proto()
    finally:
        documents.encode = encode
    assert len(made) == 10
