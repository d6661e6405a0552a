"""What a process that observes may send."""

import sys
from subprocess import PIPE, run

import pytest

from fairlead.kube.fence import changes

POD = "/api/v1/namespaces/shop/pods/web-0"
OBJECT = "/apis/apps/v1/namespaces/shop/deployments/web"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/pods?watch=1"),
        ("GET", f"{POD}/log?follow=true"),
        ("GET", "/api/v1/namespaces/exec/pods/exec"),
        ("HEAD", "/version"),
        ("PATCH", f"{OBJECT}?fieldManager=argocd-controller&dryRun=All&force=true"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", "/k8s/clusters/c-1/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
        ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"),
        ("POST", "/apis/authorization.k8s.io/v1/namespaces/shop/localsubjectaccessreviews"),
    ],
)
def test_what_reads_asks_or_tries_changes_nothing(method: str, path: str) -> None:
    assert not changes(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/namespaces/shop/configmaps"),
        ("PUT", OBJECT),
        ("PATCH", OBJECT),
        ("PATCH", f"{OBJECT}?dryRun=Alleged"),
        ("PATCH", f"{OBJECT}?fieldManager=dryRun=All.x"),
        ("PATCH", f"{OBJECT}/dryRun=All"),
        ("DELETE", OBJECT),
        ("DELETE", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", "/api/v1/namespaces/shop/serviceaccounts/web/token"),
        ("POST", f"{POD}/eviction"),
        ("GET", f"{POD}/exec?command=sh"),
        ("GET", f"{POD}/attach"),
        ("GET", f"{POD}/portforward"),
    ],
)
def test_everything_else_may_change_something(method: str, path: str) -> None:
    assert changes(method, path)


def test_a_process_that_observes_cannot_stop_to() -> None:
    program = (
        "from fairlead.kube import fence\n"
        "fence.check('DELETE', '/api/v1/namespaces/shop')\n"
        "fence.observe()\n"
        "fence.check('GET', '/api/v1/namespaces/shop')\n"
        "with fence.fenced(lambda: True):\n"
        "    try:\n"
        "        fence.check('DELETE', '/api/v1/namespaces/shop')\n"
        "    except fence.ObservedError as error:\n"
        "        print(error)\n"
    )
    ended = run([sys.executable, "-c", program], stdout=PIPE, text=True, check=True)
    assert ended.stdout == "this process only observes; DELETE /api/v1/namespaces/shop was not sent\n"
