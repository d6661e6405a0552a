"""Each difference is told with both values, its owner, and the narrowest rule that would silence it."""

from typing import Any

import msgspec
import pytest
import yaml

from fairlead.diff.compare import Rules, sides
from fairlead.diff.explain import differing, explained, lacking
from fairlead.diff.ignore import ignored_for, without_pointers
from fairlead.manifest.identity import key_of
from fairlead.model.explanation import Explanation
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.render.jq import without_paths
from fairlead.render.jq_child import answer

jq = pytest.importorskip("jq")

DESIRED = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations: {example.com/team: a}
  finalizers: [example.com/ours]
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: web
        image: web:1
        command: [serve, --all]
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: '0.5'}}
      volumes: []
"""
LIVE = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations: {example.com/team: b, theirs: x}
  finalizers: [example.com/theirs]
  managedFields:
  - manager: argocd-controller
    operation: Apply
    time: '2026-01-01T00:00:00Z'
    fieldsV1:
      f:metadata: {f:annotations: {f:gone: {}}}
      f:spec:
        f:paused: {}
        f:template: {f:spec: {f:containers: {'k:{"name":"web"}': {.: {}, f:name: {}, f:command: {}}}}}
  - manager: kubectl-edit
    operation: Update
    time: '2026-01-02T00:00:00Z'
    fieldsV1:
      f:metadata: {f:annotations: {f:example.com/team: {}, f:theirs: {}}}
      f:spec: {f:template: {f:spec: {f:containers: {'k:{"name":"web"}': {f:image: {}}}}}}
  - manager: kube-controller-manager
    operation: Update
    subresource: scale
    time: '2026-01-03T00:00:00Z'
    fieldsV1: {f:spec: {f:replicas: {}}}
spec:
  replicas: 10
  paused: true
  template:
    spec:
      containers:
      - name: web
        image: web:2
        command: [serve, --some]
        ports: [{containerPort: 80, protocol: TCP}]
        resources: {requests: {cpu: 500m}}
      - name: injected
        image: sidecar
"""


def told(desired: str = DESIRED, live: str = LIVE) -> dict[str, Explanation]:
    """What the comparison itself sees, by path."""
    wanted, there = yaml.safe_load(desired), yaml.safe_load(live)
    both = sides(wanted, there)
    found = lacking(both.desired, both.live, both.dropped(Rules()))
    entries = there["metadata"]["managedFields"]
    return {one.path: one for one in explained(key_of(wanted), found, entries, manager="argocd-controller")}


def test_what_differs_is_named_with_both_values_and_nothing_else_is() -> None:
    assert {path: (one.desired, one.live) for path, one in told().items()} == {
        '.metadata.annotations["example.com/team"]': ('"a"', '"b"'),
        '.metadata.finalizers["example.com/ours"]': ('"example.com/ours"', ""),
        ".spec.replicas": ("2", "10"),
        ".spec.template.spec.containers[name=web].image": ('"web:1"', '"web:2"'),
        ".spec.template.spec.containers[name=web].command[1]": ('"--all"', '"--some"'),
        ".spec.paused": ("", "true"),
    }


def test_the_owner_is_the_last_of_the_others_and_else_ourselves() -> None:
    owners = {path: (one.manager, one.subresource, one.since) for path, one in told().items()}
    assert owners[".spec.replicas"] == ("kube-controller-manager", "scale", "2026-01-03T00:00:00Z")
    assert owners[".spec.template.spec.containers[name=web].image"][0] == "kubectl-edit"
    assert owners[".spec.template.spec.containers[name=web].command[1]"][0] == "argocd-controller"
    assert owners['.metadata.finalizers["example.com/ours"]'] == ("", "", "")


def test_the_rule_is_for_this_object_and_a_pointer_where_no_list_is_on_the_way() -> None:
    rules = {path: one.rule for path, one in told().items()}
    named: Any = {"group": "apps", "kind": "Deployment", "name": "web", "namespace": "shop"}
    assert rules[".spec.replicas"] == ResourceIgnoreDifferences(**named, json_pointers=("/spec/replicas",))
    assert rules['.metadata.annotations["example.com/team"]'] == ResourceIgnoreDifferences(
        **named, json_pointers=("/metadata/annotations/example.com~1team",)
    )
    image = rules[".spec.template.spec.containers[name=web].image"]
    assert image.jq_path_expressions == ('.spec.template.spec.containers[] | select(.name == "web").image',)


def test_every_rule_silences_its_own_difference_and_no_other() -> None:
    before = told()
    for path, one in before.items():
        after = told(*(without(one.rule, text) for text in (DESIRED, LIVE)))
        assert after.keys() == before.keys() - {path}


def without(rule: ResourceIgnoreDifferences, text: str) -> str:
    """An object without what a rule names."""
    obj = yaml.safe_load(text)
    ignored = ignored_for(key_of(obj), (rule,))
    left = without_pointers(obj, ignored.pointers)
    if ignored.jq_expressions:
        said = answer(jq, {"expressions": ignored.jq_expressions, "objects": [left]})
        left = without_paths(left, [tuple(path) for path in said["paths"][0]])
    return msgspec.json.encode(left).decode()


def test_of_whole_states_what_is_only_live_is_a_difference_too() -> None:
    wanted, there = yaml.safe_load(DESIRED), yaml.safe_load(LIVE)
    paths = {explained(key_of(wanted), [one], (), manager="m")[0].path for one in differing(wanted, there)}
    assert ".spec.template.spec.containers[name=injected]" in paths
    assert '.metadata.finalizers["example.com/theirs"]' in paths
    assert ".metadata.annotations.theirs" in paths


def test_items_in_another_order_are_told_as_a_list() -> None:
    ports = "apiVersion: v1\nkind: Service\nmetadata: {name: s, managedFields: []}\nspec: {ports: [%s]}"
    one, two = "{port: 1, protocol: TCP}", "{port: 2, protocol: TCP}"
    (found,) = told(ports % f"{one}, {two}", ports % f"{two}, {one}").values()
    assert found.path == ".spec.ports"


def test_a_long_value_is_cut() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, managedFields: []}\ndata: {a: %s}"
    (found,) = told(text % ("x" * 5000), text % "y").values()
    assert len(found.desired) == 1000
    assert found.desired.endswith("…")
