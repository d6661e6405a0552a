"""A Secret in every shape that is wrong, and two that are right, each with a canary for its value."""

import base64

from tests.e2e.canaries import Canaries

PIN = "stringData:\n  pin: {}\n"
"""Where the value stands when nothing is wrong with that."""
BODIES = {
    "valid": PIN,
    "nested": "stringData:\n  pin:\n    deep: {}\n",
    "listed": "stringData:\n  pin: [{}]\n",
    "data-nested": "data:\n  pin:\n    deep: {}\n",
    "no-base64": "data:\n  pin: '{}!'\n",
    "half-base64": "data:\n  pin: {}=\n",
    "text-for-map": "stringData: {}\n",
    "data-text-for-map": "data: {}\n",
    "list-for-map": "stringData:\n- {}\n",
    "unknown-field": "stringDat:\n  pin: {}\n",
    "bad-key": "stringData:\n  'a pin': {}\n",
    "bad-type": f"type: kubernetes.io/tls\n{PIN}",
    "docker": "type: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: '{}'\n",
    "immutable-text": "immutable: {}\nstringData: {{pin: x}}\n",
    "broken-yaml": f"{PIN} bad: [\n",
    "too-large": f"{PIN}  large: {'x' * 1_100_000}\n",
}


def secret(body: str, *, version: str = "v1", name: str = "sec") -> str:
    """A Secret's manifest."""
    return f"apiVersion: {version}\nkind: Secret\nmetadata:\n  name: {name}\n{body}"


def shapes(canaries: Canaries) -> dict[str, str]:
    """Manifests by the name of their shape; the canary of each is called `shape-<name>`."""

    def value(name: str) -> str:
        return canaries.new(f"shape-{name}")

    def pin(name: str) -> str:
        return PIN.format(value(name))

    encoded = base64.b64encode(value("valid-data").encode()).decode()
    listed = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: sec}\n"
    return {
        **{name: secret(body.format(value(name))) for name, body in BODIES.items()},
        "valid-data": secret(f"data:\n  pin: {encoded}\n"),
        "bad-name": secret(pin("bad-name"), name="Bad_Name"),
        "wrong-group": secret(pin("wrong-group"), version="v2"),
        "twice": f"{secret(pin('twice-a'))}---\n{secret(pin('twice-b'))}",
        "in-a-list": f"{listed}  stringData: {{pin: [{value('in-a-list')}]}}\n",
    }
