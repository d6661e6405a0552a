"""Gateways, routes and meshes: Gateway API, Envoy Gateway, Gloo, Contour, Istio, Airlock, DNS-SD.

Conditions: gateway-api.sigs.k8s.io/reference/spec, gateway.envoyproxy.io/docs/api, docs.solo.io,
projectcontour.io/docs, istio.io/latest/docs (IstioOperator), docs.airlock.com, proclaim.dogmatiq.io.
Gateways write a condition per generation, so one about an earlier generation is none.
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_each import ByEach
from fairlead.health.by_word import ByWord
from fairlead.health.custom.shapes import BAD, GOING, KSTATUS_IF_ANY, OK, Table
from fairlead.health.judge import By
from fairlead.health.status import Code, Health, is_worse, progressing
from fairlead.manifest.fields import Manifest, mapping_at, text_at, value_at

ACCEPTED = ByConditions(ready=("Accepted",), passing=("Pending",), dated=True)
PROGRAMMED = ByConditions(
    ready=("Programmed",), demanded=("Accepted",), passing=("Pending", "AddressNotAssigned"), dated=True
)
ROUTED = ByEach(
    path=("status", "parents"),
    each=ByConditions(ready=("Accepted",), demanded=("ResolvedRefs",), passing=("Pending",), dated=True),
    bare="Waiting for a gateway to accept it",
)
POLICY = ByEach(
    path=("status", "ancestors"),
    each=ByConditions(
        ready=("Accepted",), demanded=("Programmed", "ResolvedRefs"), passing=("Pending",), dated=True
    ),
    bare="Waiting for a gateway to accept it",
)
PROXY = ByWord(
    words={"valid": OK, "invalid": BAD, "orphaned": BAD},
    path=("status", "currentStatus"),
    message=("status", "description"),
)
ISTIO = ByWord(
    words={"HEALTHY": OK, "ERROR": BAD, "RECONCILING": GOING, "UPDATING": GOING, "ACTION_REQUIRED": BAD},
    path=("status", "status"),
)
ADVERTISED = ByConditions(
    ready=("Adopted", "Advertised"), passing=("Pending",), on_false=GOING, fatal=("AdvertiseError",)
)
GLOO: dict[object, Code] = {
    "Pending": GOING,
    "Accepted": OK,
    "Rejected": BAD,
    "Warning": BAD,
    0: GOING,
    1: OK,
    2: BAD,
    3: BAD,
}
"""The states of Gloo, which are written as words or as their numbers."""


def reported(obj: Manifest) -> Health:
    """Kinds of Gloo: the worst of what each reporter says, or the one state of older versions."""
    each = mapping_at(obj, "status", "statuses")
    worst: Health | None = None
    for status in each.values() if each else (mapping_at(obj, "status"),):
        state = value_at(status, "state")
        code = GLOO.get(state) if isinstance(state, str | int) else None
        if code is None:
            continue
        found = Health(code, text_at(status, "reason") or ("" if code is OK else str(state)))
        if worst is None or is_worse(found.status, worst.status):
            worst = found
    return worst or progressing("Waiting for the status")


TABLE: Table = {
    "gateway.envoyproxy.io": {
        "Backend": ACCEPTED,
        "BackendTrafficPolicy ClientTrafficPolicy SecurityPolicy": POLICY,
        "EnvoyExtensionPolicy EnvoyPatchPolicy": POLICY,
    },
    "gateway.networking.k8s.io": {
        "BackendTLSPolicy": POLICY,
        "GRPCRoute HTTPRoute TCPRoute TLSRoute UDPRoute": ROUTED,
        "Gateway ListenerSet": PROGRAMMED,
        "GatewayClass": ACCEPTED,
    },
    "gateway.solo.io": {
        "Gateway MatchableHttpGateway RouteOption RouteTable VirtualHostOption VirtualService": By(reported),
    },
    "gloo.solo.io": {"Proxy Settings Upstream UpstreamGroup": By(reported)},
    "install.istio.io": {"IstioOperator": ISTIO},
    "microgateway.airlock.com": {"*": KSTATUS_IF_ANY},
    "proclaim.dogmatiq.io": {"DNSSDServiceInstance": ADVERTISED},
    "projectcontour.io": {"ExtensionService": ByConditions(ready=("Valid",)), "HTTPProxy": PROXY},
}
