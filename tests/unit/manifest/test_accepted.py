"""What a plain write takes is spelled so that a server-side apply takes it, and nothing else is touched."""

from fairlead.manifest.accepted import acceptable
from fairlead.manifest.identity import GroupKind

POD = GroupKind("", "Pod")
ROLE = GroupKind("rbac.authorization.k8s.io", "ClusterRole")


def pod(**spec: object) -> dict[str, object]:
    return {"kind": "Pod", "spec": spec}


def test_the_last_variable_of_a_name_is_kept_at_the_place_of_the_first() -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "A", "value": "3"}]
    kept = [{"name": "A", "value": "3"}, {"name": "B", "value": "2"}]
    assert acceptable(pod(initContainers=[{"env": env}]), POD) == pod(initContainers=[{"env": kept}])


def test_equal_ports_and_pull_secrets_are_named_once() -> None:
    port, secret = {"containerPort": 80}, {"name": "registry"}
    twice = pod(containers=[{"ports": [port, port]}], imagePullSecrets=[secret, secret])
    assert acceptable(twice, POD) == pod(containers=[{"ports": [port]}], imagePullSecrets=[secret])


def test_ports_that_differ_in_name_are_left_for_the_api_server_to_refuse() -> None:
    ports = [{"name": "web", "containerPort": 80}, {"name": "metrics", "containerPort": 80}]
    given = pod(containers=[{"ports": ports}])
    assert acceptable(given, POD) is given


def test_an_aggregated_role_keeps_rules_that_say_something() -> None:
    given = {"kind": "ClusterRole", "aggregationRule": {"clusterRoleSelectors": [{}]}, "rules": [{}]}
    assert acceptable(given, ROLE) is given
    assert "rules" not in acceptable({**given, "rules": []}, ROLE)


def test_what_has_no_shape_of_a_pod_is_left_alone() -> None:
    for spec in (None, [], {"containers": "none"}, {"containers": [None, {"env": [1]}]}):
        given = {"kind": "Pod", "spec": spec}
        assert acceptable(given, POD) == given
