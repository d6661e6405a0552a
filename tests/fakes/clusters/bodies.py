"""What the objects of a played cluster look like: one form for each kind, with gaps for what differs.

Invariant: the three kinds that applications bring say in their desired form, defaults aside, what they say
live.
"""

from typing import Any

Body = dict[str, Any]
UNIT, NAME, SPACE, OWNER, OWNER_UID = "@unit@", "@name@", "@space@", "@owner@", "@owneruid@"
BORN = "2026-01-05T08:00:00Z"
"""When everything was made."""
READY = "2026-01-05T08:01:00Z"
_IMAGE = "registry.example/team/service-@unit@:1.4.2"
_LABELS = {
    "app.kubernetes.io/name": "app-@unit@",
    "app.kubernetes.io/component": "server",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "service-2.7.1",
}
_SELECTOR = {"app.kubernetes.io/name": "app-@unit@"}
_CONTAINER: Body = {
    "name": "main",
    "image": _IMAGE,
    "args": ["--config=/etc/service/config.yaml", "--listen=:8080"],
    "env": [
        {"name": "LOG_LEVEL", "value": "info"},
        {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ],
    "ports": [{"containerPort": 8080, "name": "http"}],
    "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
    "volumeMounts": [{"name": "config", "mountPath": "/etc/service"}],
}
_POD_SPEC: Body = {
    "serviceAccountName": "app-@unit@",
    "containers": [_CONTAINER],
    "volumes": [{"name": "config", "configMap": {"name": "app-@unit@"}}],
}

WANTED: dict[str, Body] = {
    "Deployment": {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": SPACE, "labels": _LABELS},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": _SELECTOR},
            "template": {"metadata": {"labels": _LABELS}, "spec": _POD_SPEC},
        },
    },
    "Service": {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": SPACE, "labels": _LABELS},
        "spec": {
            "selector": _SELECTOR,
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        },
    },
    "ConfigMap": {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": SPACE, "labels": _LABELS},
        "data": {
            "config.yaml": "server:\n  listen: :8080\n  timeout: 30s\nstore:\n  url: db-@unit@.example\n",
            "flags": "new-checkout=true\nslow-path=false\nsample-rate=0.25\n",
        },
    },
}
"""What an application wants, in the order of its manifests."""

_LIVE_CONTAINER: Body = {
    **_CONTAINER,
    "env": [
        _CONTAINER["env"][0],
        {
            "name": "POD_NAME",
            "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}},
        },
    ],
    "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
    "imagePullPolicy": "IfNotPresent",
    "readinessProbe": {
        "httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"},
        "periodSeconds": 5,
        "timeoutSeconds": 1,
        "successThreshold": 1,
        "failureThreshold": 3,
    },
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_LIVE_POD_SPEC: Body = {
    **_POD_SPEC,
    "serviceAccount": "app-@unit@",
    "containers": [_LIVE_CONTAINER],
    "volumes": [{"name": "config", "configMap": {"name": "app-@unit@", "defaultMode": 420}}],
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "terminationGracePeriodSeconds": 30,
}
_TEMPLATE = {"metadata": {"labels": _LABELS}, "spec": _LIVE_POD_SPEC}


def _condition(type_: str, reason: str, *, status: str = "True") -> Body:
    return {
        "type": type_,
        "status": status,
        "lastTransitionTime": READY,
        "lastUpdateTime": READY,
        "reason": reason,
        "message": f"{reason} said {type_}",
    }


def _owned(kind: str, api_version: str) -> list[Body]:
    return [
        {
            "apiVersion": api_version,
            "kind": kind,
            "name": OWNER,
            "uid": OWNER_UID,
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


LIVE: dict[str, Body] = {
    "Deployment": {
        "metadata": {"labels": _LABELS, "annotations": {"deployment.kubernetes.io/revision": "2"}},
        "spec": {
            **WANTED["Deployment"]["spec"],
            "template": _TEMPLATE,
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
            },
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
        "status": {
            "observedGeneration": 1,
            "replicas": 2,
            "updatedReplicas": 2,
            "readyReplicas": 2,
            "availableReplicas": 2,
            "conditions": [
                _condition("Available", "MinimumReplicasAvailable"),
                _condition("Progressing", "NewReplicaSetAvailable"),
            ],
        },
    },
    "ReplicaSet": {
        "metadata": {"labels": _LABELS, "ownerReferences": _owned("Deployment", "apps/v1")},
        "spec": {"replicas": 2, "selector": {"matchLabels": _SELECTOR}, "template": _TEMPLATE},
        "status": {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2},
    },
    "Pod": {
        "metadata": {"labels": _LABELS, "ownerReferences": _owned("ReplicaSet", "apps/v1")},
        "spec": {**_LIVE_POD_SPEC, "nodeName": "node-0"},
        "status": {
            "phase": "Running",
            "hostIP": "10.1.0.1",
            "podIP": "10.2.0.1",
            "qosClass": "Burstable",
            "startTime": BORN,
            "conditions": [
                _condition(name, "Kubelet")
                for name in (
                    "PodReadyToStartContainers",
                    "Initialized",
                    "Ready",
                    "ContainersReady",
                    "PodScheduled",
                )
            ],
            "containerStatuses": [
                {
                    "name": "main",
                    "image": _IMAGE,
                    "imageID": f"{_IMAGE}@sha256:{'5f' * 32}",
                    "containerID": f"containerd://{'a7' * 32}",
                    "ready": True,
                    "started": True,
                    "restartCount": 0,
                    "state": {"running": {"startedAt": READY}},
                    "lastState": {},
                }
            ],
        },
    },
    "Service": {
        "metadata": {"labels": _LABELS},
        "spec": {
            "selector": _SELECTOR,
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
            "clusterIP": "10.0.0.1",
            "clusterIPs": ["10.0.0.1"],
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        },
        "status": {"loadBalancer": {}},
    },
    "ConfigMap": {"metadata": {"labels": _LABELS}, "data": WANTED["ConfigMap"]["data"]},
    "Secret": {
        "metadata": {"labels": _LABELS},
        "type": "Opaque",
        "data": {
            "password": "cGFzc3dvcmQtb2YtYXBwLUB1bml0QA==",
            "token": "dG9rZW4tb2YtbGVuZ3RoLXRoaXJ0eS10d28h",
        },
    },
    "ServiceAccount": {"metadata": {"labels": _LABELS}},
    "Namespace": {
        "metadata": {"labels": {"kubernetes.io/metadata.name": NAME, "team": "payments"}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    },
    "Node": {
        "metadata": {"labels": {"kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux"}},
        "spec": {},
        "status": {
            "capacity": {"cpu": "16", "memory": "65536000Ki", "pods": "110"},
            "allocatable": {"cpu": "15", "memory": "60000000Ki", "pods": "110"},
            "conditions": [_condition("Ready", "KubeletReady")],
            "nodeInfo": {"architecture": "amd64", "kubeletVersion": "v1.36.3", "operatingSystem": "linux"},
        },
    },
    "ClusterRole": {
        "metadata": {"labels": _LABELS},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}],
    },
    "ClusterRoleBinding": {
        "metadata": {"labels": _LABELS},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": "app-00000", "namespace": "team-0000"}],
    },
    "Role": {
        "metadata": {"labels": _LABELS},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
    },
    "RoleBinding": {
        "metadata": {"labels": _LABELS},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": "app-00000"}],
    },
    "Ingress": {
        "metadata": {"labels": _LABELS},
        "spec": {"rules": [{"host": "app-@unit@.example", "http": {"paths": []}}]},
        "status": {"loadBalancer": {"ingress": [{"hostname": "edge.example"}]}},
    },
    "Job": {
        "metadata": {"labels": _LABELS},
        "spec": {"completions": 1, "parallelism": 1, "backoffLimit": 6, "template": _TEMPLATE},
        "status": {"succeeded": 1, "conditions": [_condition("Complete", "CompletionsReached")]},
    },
    "PodDisruptionBudget": {
        "metadata": {"labels": _LABELS},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": _SELECTOR}},
        "status": {"currentHealthy": 2, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2},
    },
    "NetworkPolicy": {
        "metadata": {"labels": _LABELS},
        "spec": {"podSelector": {"matchLabels": _SELECTOR}, "policyTypes": ["Ingress"]},
    },
    "PersistentVolumeClaim": {
        "metadata": {"labels": _LABELS},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}},
        "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "10Gi"}},
    },
    "StorageClass": {
        "metadata": {},
        "provisioner": "csi.example",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    },
    "PriorityClass": {"metadata": {}, "value": 1000, "preemptionPolicy": "PreemptLowerPriority"},
}
"""Everything but what names it, by kind."""
PER_UNIT = {
    "ConfigMap": 1,
    "Deployment": 1,
    "Pod": 2,
    "ReplicaSet": 2,
    "Secret": 1,
    "Service": 1,
    "ServiceAccount": 1,
}
"""How many there are of each kind for one of the services that a cluster runs."""
OTHERS = (
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Ingress",
    "Job",
    "PodDisruptionBudget",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "Node",
    "StorageClass",
    "PriorityClass",
)
"""What the rest of the objects are, in turn."""
OWNERS = {"ReplicaSet": ("Deployment", 2), "Pod": ("ReplicaSet", 1)}
"""Which kind owns objects of a kind, and how many of them each."""
