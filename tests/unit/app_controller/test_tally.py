"""What is counted of applications is counted of those that there are."""

from typing import Any

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.measuring.tally import Tally
from fairlead.kube import sent
from fairlead.model.decode import decode_application

APP: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {"project": "shop", "destination": {"name": "prod", "namespace": "web"}},
}


def record() -> Record:
    return Record(decode_application(msgspec.json.encode(APP)), "web")


def text(tally: Tally) -> str:
    return b"".join(tally.written()).decode()


def test_requests_of_a_look_are_the_applications() -> None:
    tally = Tally(lambda _: "https://c")
    with tally.look(record()):
        sent.tell("https://c", "GET", "/api/v1/namespaces/web/pods/a", 200, 0.1)
    assert 'argocd_app_k8s_request_total{namespace="argocd",name="web"' in text(tally)


def test_a_look_that_outlives_its_application_leaves_nothing_behind() -> None:
    """Else lines of applications that are gone would be told for as long as the process runs."""
    gone, known = record(), dict[str, Record]()
    tally = Tally(lambda _: "https://c", is_there=lambda one: known.get(one.id.name) is one)
    known["web"] = gone
    with tally.look(gone):
        del known["web"]
        tally.forget(gone.id)
        sent.tell("https://c", "DELETE", "/api/v1/namespaces/web/pods/a", 200, 0.1)
        state = decode_application(msgspec.json.encode(APP | STATE)).status.operation_state
        assert state is not None
        tally.ended(gone, state)
    assert 'name="web"' not in text(tally)


STATE = {
    "status": {"operationState": {"phase": "Failed", "operation": {}, "startedAt": "2026-01-01T00:00:00Z"}}
}
