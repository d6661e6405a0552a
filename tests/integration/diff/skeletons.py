"""The least that a random object of a kind needs to be accepted, and what keeps it from touching anybody.

Invariant: nobody's requests, pods or addresses are taken, changed, refused or held up by a random object.
"""

import base64
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

Object = dict[str, Any]

GROUP = "insync-kinds.example.com"
LABELS = {"app": "x"}
CONTAINER = {"name": "main", "image": "nginx:1.27"}
POD = {"containers": [CONTAINER]}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": POD}
SELECTOR = {"matchLabels": LABELS}
NOBODYS = {
    "apiGroups": ["none.example.com"],
    "apiVersions": ["v1"],
    "resources": ["nothings"],
    "operations": ["CREATE"],
}
WEBHOOK = {
    "name": "a.example.com",
    "clientConfig": {"url": "https://127.0.0.1:1/never"},
    "rules": [NOBODYS],
    "sideEffects": "None",
    "admissionReviewVersions": ["v1"],
    "failurePolicy": "Ignore",
}
POLICY = {
    "failurePolicy": "Ignore",
    "matchConstraints": {"resourceRules": [NOBODYS]},
}
MUTATION = {
    "reinvocationPolicy": "Never",
    "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{}"}}],
}
BINDING = {"policyName": "none.example.com"}
"""Without its policy it is ignored."""
FLOW = {
    "priorityLevelConfiguration": {"name": "none"},
    "rules": [
        {
            "subjects": [{"kind": "User", "user": {"name": "nobody.example.com"}}],
            "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/never"]}],
        }
    ],
}
LEVEL = {"type": "Limited", "limited": {"nominalConcurrencyShares": 1, "limitResponse": {"type": "Reject"}}}
PARENT = {"parentRef": {"resource": "services", "namespace": "default", "name": "none"}}


def _request() -> str:
    """A request for a certificate that nobody signs, in PEM and base64."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    signed = x509.CertificateSigningRequestBuilder().subject_name(name)
    pem = signed.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.PEM)
    return base64.b64encode(pem).decode()


REQUEST = {"request": _request(), "signerName": "example.com/none", "usages": ["client auth"]}
SKELETONS: Mapping[str, Object] = {
    "Pod": {"spec": POD},
    "PodTemplate": {"template": TEMPLATE},
    "ReplicationController": {"spec": {"selector": LABELS, "template": TEMPLATE}},
    "Deployment": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "ReplicaSet": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "DaemonSet": {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    "StatefulSet": {"spec": {"selector": SELECTOR, "template": TEMPLATE, "serviceName": "x"}},
    "Job": {"spec": {"template": {"spec": {**POD, "restartPolicy": "Never"}}}},
    "CronJob": {
        "spec": {
            "schedule": "0 0 1 1 *",
            "jobTemplate": {"spec": {"template": {"spec": {**POD, "restartPolicy": "Never"}}}},
        }
    },
    "Service": {"spec": {"ports": [{"port": 80}]}},
    "PersistentVolume": {
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/tmp/none"},
        }
    },
    "PersistentVolumeClaim": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    },
    "MutatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingAdmissionPolicy": {"spec": {**POLICY, "validations": [{"expression": "true"}]}},
    "RoleBinding": {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "none"}
    },
    "ClusterRoleBinding": {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "none"}
    },
    "HorizontalPodAutoscaler": {
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
            "maxReplicas": 3,
        }
    },
    "Ingress": {"spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}}},
    "NetworkPolicy": {"spec": {"podSelector": {}}},
    "Endpoints": {"subsets": [{"addresses": [{"ip": "10.9.8.7"}], "ports": [{"port": 80}]}]},
    "EndpointSlice": {"addressType": "IPv4", "endpoints": [{"addresses": ["10.9.8.7"]}]},
    "Lease": {"spec": {"leaseDurationSeconds": 10}},
    "StorageClass": {"provisioner": "example.com/none"},
    "CSIDriver": {"spec": {}},
    "PriorityClass": {"value": 10},
    "RuntimeClass": {"handler": "none"},
    "IngressClass": {"spec": {"controller": "example.com/none"}},
    "IPAddress": {"spec": PARENT},
    "Namespace": {},
    "FlowSchema": {"spec": FLOW},
    "PriorityLevelConfiguration": {"spec": LEVEL},
    "MutatingAdmissionPolicy": {"spec": {**POLICY, **MUTATION}},
    "MutatingAdmissionPolicyBinding": {"spec": BINDING},
    "ValidatingAdmissionPolicyBinding": {"spec": {**BINDING, "validationActions": ["Audit"]}},
    "CertificateSigningRequest": {"spec": REQUEST},
    "ServiceCIDR": {"spec": {"cidrs": ["10.250.0.0/28"]}},
    "CSIStorageCapacity": {"storageClassName": "none"},
    "VolumeAttachment": {
        "spec": {"attacher": "example.com", "nodeName": "none", "source": {"persistentVolumeName": "none"}}
    },
    "VolumeAttributesClass": {"driverName": "example.com", "parameters": {"a": "b"}},
    "ResourceSlice": {
        "spec": {
            "driver": "example.com",
            "pool": {"name": "p", "generation": 1, "resourceSliceCount": 1},
            "nodeName": "none",
            "devices": [{"name": "d"}],
        }
    },
}
FIXED: Mapping[str, Object] = {
    "MutatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingWebhookConfiguration": {"webhooks": [WEBHOOK]},
    "ValidatingAdmissionPolicy": POLICY,
    "MutatingAdmissionPolicy": POLICY,
    "MutatingAdmissionPolicyBinding": BINDING,
    "ValidatingAdmissionPolicyBinding": BINDING,
    "FlowSchema": FLOW,
    "PriorityLevelConfiguration": LEVEL,
    "Namespace": {"finalizers": ["kubernetes"]},
}
"""What stays as it is, so that nobody else's requests are touched."""


def name_of(kind: str, number: int) -> str:
    """The name of an object of a kind, as the kind has names."""
    if kind == "CustomResourceDefinition":
        return f"x{number}s.{GROUP}"
    return f"2001:db8::{number:x}" if kind == "IPAddress" else f"x{number}"


def skeleton_of(kind: str, name: str) -> Object:
    """What an object of a kind and of that name needs."""
    return {"spec": _definition(name)} if kind == "CustomResourceDefinition" else SKELETONS.get(kind, {})


def fixed_of(kind: str, name: str) -> Object | None:
    """What of it stays as it is."""
    return _definition(name) if kind == "CustomResourceDefinition" else FIXED.get(kind)


def _definition(name: str) -> Object:
    """A kind that is not served, so that nobody looks for it."""
    plural = name.partition(".")[0]
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"plural": plural, "kind": plural.capitalize()},
        "versions": [{"name": "v1", "served": False, "storage": True, "schema": schema}],
    }
