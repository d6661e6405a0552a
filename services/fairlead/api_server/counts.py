"""What this service counts for Prometheus (contract 17); labels never come from what strangers send."""

from functools import cache

from fairlead.metrics import Counter, Gauge, Histogram, RedisRequests

LOGINS = Counter("argocd_login_request", "Logins by outcome", ["status"])
CALLS = Counter("fairlead_api_calls", "Calls of the API by row and gRPC code", ["method", "code"])
WEBHOOKS = Counter("fairlead_webhook_requests", "Webhooks by provider and outcome", ["provider", "outcome"])
WEBHOOKS_IN_FLIGHT = Gauge("argocd_webhook_handlers_in_flight", "Webhooks being handled")
STREAMS_OPEN = Gauge("fairlead_api_streams", "Streams that clients have open")
NATS_CONNECTED = Gauge("fairlead_api_nats_connected", "1 while this process is connected to NATS")
WEBHOOKS_ACCEPTED = Counter(
    "argocd_webhook_requests", "Webhooks for repositories that applications name", ["repo"]
)
EXTENSION_REQUESTS = Counter(
    "argocd_proxy_extension_request", "Requests to proxy extensions", ["extension", "status"]
)
EXTENSION_SECONDS = Histogram(
    "argocd_proxy_extension_request_duration_seconds",
    "Seconds of requests to proxy extensions",
    ["extension"],
)
_CALL = ["grpc_type", "grpc_service", "grpc_method"]
STARTED = Counter("grpc_server_started", "Calls that began", _CALL)
HANDLED = Counter("grpc_server_handled", "Calls that ended, by code", [*_CALL, "grpc_code"])
RECEIVED = Counter("grpc_server_msg_received", "Messages of clients", _CALL)
SENT = Counter("grpc_server_msg_sent", "Messages to clients", _CALL)

INITIATOR = "argocd-server"
REDIS_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0)


def redis_requests() -> RedisRequests:
    """What this process' cache tells of its requests; to be exposed."""
    return RedisRequests(INITIATOR, buckets=REDIS_SECONDS)


@cache
def call_seconds() -> Histogram:
    """Seconds of calls, for ARGOCD_ENABLE_GRPC_TIME_HISTOGRAM."""
    return Histogram("grpc_server_handling_seconds", "Seconds of calls", _CALL)
