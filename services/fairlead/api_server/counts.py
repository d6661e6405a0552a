"""What this service counts for Prometheus (contract 17); labels never come from what strangers send."""

from prometheus_client import Counter, Gauge

LOGINS = Counter("argocd_login_request", "Logins by outcome", ["status"])
CALLS = Counter("fairlead_api_calls", "Calls of the API by row and gRPC code", ["method", "code"])
WEBHOOKS = Counter("fairlead_webhook_requests", "Webhooks by provider and outcome", ["provider", "outcome"])
WEBHOOKS_IN_FLIGHT = Gauge("argocd_webhook_handlers_in_flight", "Webhooks being handled")
STREAMS_OPEN = Gauge("fairlead_api_streams", "Streams that clients have open")
NATS_CONNECTED = Gauge("fairlead_api_nats_connected", "1 while this process is connected to NATS")
