"""Every metric of Argo CD is exposed by a running suite, typed and labelled, or said to be elsewhere."""

import re
from pathlib import Path

import aiohttp

from fairlead.local.ports import LOOPBACK
from tests.e2e.world import IN_CLUSTER, World, config_map

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
APP = "namespace name project"
CALL = "grpc_type grpc_service grpc_method"

CONTROLLER = {
    "argocd_app_info": (
        "gauge",
        f"{APP} autosync_enabled repo dest_server dest_namespace sync_status health_status hydrator_status "
        "operation phase",
    ),
    "argocd_app_condition": ("gauge", f"{APP} condition"),
    "argocd_app_labels": ("gauge", ""),
    "argocd_app_orphaned_resources_count": ("gauge", APP),
    "argocd_app_reconcile": ("histogram", "namespace dest_server"),
    "argocd_app_sync_total": ("counter", f"{APP} dest_server phase dry_run"),
    "argocd_app_sync_duration_seconds_total": ("counter", f"{APP} dest_server"),
    "argocd_app_k8s_request_total": (
        "counter",
        f"{APP} server response_code verb resource_kind resource_namespace dry_run",
    ),
    "argocd_cluster_info": ("gauge", "server k8s_version name"),
    "argocd_cluster_connection_status": ("gauge", "server k8s_version"),
    "argocd_cluster_api_resources": ("gauge", "server"),
    "argocd_cluster_api_resource_objects": ("gauge", "server"),
    "argocd_cluster_cache_age_seconds": ("gauge", "server"),
    "argocd_cluster_labels": ("gauge", ""),
    "argocd_cluster_events_total": ("counter", "server group kind"),
    "argocd_resource_events_processing": ("histogram", "server"),
    "argocd_resource_events_processed_in_batch": ("gauge", "server"),
    "argocd_kubectl_exec_total": ("counter", "hostname command"),
    "argocd_kubectl_exec_pending": ("gauge", "hostname command"),
    "argocd_kubectl_requests_total": ("counter", "host method code"),
    "argocd_kubectl_request_duration_seconds": ("histogram", "host verb"),
    "argocd_redis_request_total": ("counter", "hostname initiator command failed"),
    "argocd_redis_request_duration": ("histogram", "hostname initiator"),
    "argocd_info": ("gauge", "version"),
}
API = {
    "argocd_login_request_total": ("counter", "status"),
    "argocd_redis_request_total": ("counter", "initiator command failed"),
    "argocd_redis_request_duration": ("histogram", "initiator"),
    "argocd_proxy_extension_request_total": ("counter", "extension status"),
    "argocd_proxy_extension_request_duration_seconds": ("histogram", "extension"),
    "argocd_webhook_requests_total": ("counter", "repo"),
    "argocd_webhook_handlers_in_flight": ("gauge", ""),
    "argocd_info": ("gauge", "version"),
    "grpc_server_started_total": ("counter", CALL),
    "grpc_server_handled_total": ("counter", f"{CALL} grpc_code"),
    "grpc_server_msg_received_total": ("counter", CALL),
    "grpc_server_msg_sent_total": ("counter", CALL),
}
REPO = {
    "argocd_git_request_total": ("counter", "repo request_type"),
    "argocd_git_request_duration_seconds": ("histogram", "repo request_type"),
    "argocd_git_fetch_fail_total": ("counter", "repo revision"),
    "argocd_git_lsremote_fail_total": ("counter", "repo revision"),
    "argocd_oci_request_total": ("counter", "repo request_type"),
    "argocd_oci_request_duration_seconds": ("histogram", "repo request_type"),
    "argocd_oci_digest_metadata_fail_total": ("counter", "repo revision"),
    "argocd_oci_resolve_revision_fail_total": ("counter", "repo revision"),
    "argocd_oci_extract_fail_total": ("counter", "repo revision"),
    "argocd_oci_test_repo_fail_total": ("counter", "repo"),
    "argocd_oci_get_tags_fail_total": ("counter", "repo"),
    "argocd_repo_pending_request_total": ("gauge", "repo"),
    "argocd_repo_parallelism_wait_duration_seconds": ("histogram", ""),
    "argocd_redis_request_total": ("counter", "initiator command failed"),
    "argocd_redis_request_duration_seconds": ("histogram", "initiator"),
    "argocd_info": ("gauge", "version"),
}
OF_EACH = {
    name: CONTROLLER[name]
    for name in (
        "argocd_kubectl_requests_total",
        "argocd_kubectl_request_duration_seconds",
        "argocd_info",
    )
}
SETS = {
    **OF_EACH,
    "argocd_appset_info": ("gauge", "namespace name resource_update_status"),
    "argocd_appset_reconcile": ("histogram", "namespace name"),
    "argocd_appset_owned_applications": ("gauge", "namespace name"),
    "argocd_appset_progressive_sync_app_status": ("gauge", "namespace name step progressiveStatus"),
    "argocd_appset_progressive_sync_syncs_triggered_total": ("counter", "namespace name step"),
    "argocd_appset_progressive_sync_detection_to_trigger_seconds": ("histogram", "namespace name"),
}
SERVED = {
    "app-controller": CONTROLLER,
    "api-server": API,
    "repo-server": REPO,
    "applicationset-controller": SETS,
    "notifications": {
        **OF_EACH,
        "argocd_notifications_deliveries_total": ("counter", "trigger service succeeded"),
        "argocd_notifications_trigger_eval_total": ("counter", "name triggered"),
    },
}
COMMIT = {
    "argocd_commitserver_commit_pending_request_total": ("gauge", "repo"),
    "argocd_commitserver_commit_request_total": ("counter", "repo response_type"),
    "argocd_commitserver_commit_request_duration_seconds": ("histogram", "repo response_type"),
    "argocd_commitserver_git_request_total": ("counter", "repo request_type"),
    "argocd_commitserver_git_request_duration_seconds": ("histogram", "repo request_type"),
    "argocd_commitserver_signing_failure_total": ("counter", "repo reason"),
}
"""With the commit server; `tests/integration/commit_server` scrapes one."""
SWITCHED_ON = (
    "argocd_github_api_requests_total",
    "argocd_github_api_request_duration_seconds",
    "argocd_github_api_rate_limit_remaining",
    "argocd_github_api_rate_limit_limit",
    "argocd_github_api_rate_limit_reset_seconds",
    "argocd_github_api_rate_limit_used",
)
"""With applicationsetcontroller.enable.github.api.metrics alone."""
ELSEWHERE = (
    "argocd_webhook_store_cache_attempts_total",
    "argocd_appset_labels",
    "argocd_appset_app_refresh_total",
    "argocd_commitserver_userinfo_request_duration_seconds",
    "argocd_kubectl_client_cert_rotation_age_seconds",
    "argocd_kubectl_rate_limiter_duration_seconds",
    "argocd_kubectl_dns_resolution_duration_seconds",
    "argocd_kubectl_request_size_bytes",
    "argocd_kubectl_response_size_bytes",
    "argocd_kubectl_request_retries_total",
    "argocd_kubectl_exec_plugin_call_total",
    "argocd_kubectl_transport_cache_entries",
    "argocd_kubectl_transport_create_calls_total",
)
"""What belongs to services or capabilities that are not there yet, or to Argo CD's way of doing things."""

_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? ", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="(?:[^"\\]|\\.)*"')
BUCKETS = {
    ("app-controller", "argocd_app_reconcile"): "0.25 0.5 1.0 2.0 4.0 8.0 16.0 +Inf",
    ("app-controller", "argocd_redis_request_duration"): "0.01 0.05 0.1 0.25 0.5 1.0 +Inf",
    ("api-server", "argocd_redis_request_duration"): "0.1 0.25 0.5 1.0 2.0 +Inf",
    ("repo-server", "argocd_git_request_duration_seconds"): "0.1 0.25 0.5 1.0 2.0 4.0 10.0 20.0 +Inf",
}


def labels_of(text: str, name: str, kind: str) -> set[str] | None:
    """The labels of a metric's samples; None when there is none."""
    wanted = f"{name}_count" if kind == "histogram" else name
    for found in _SAMPLE.finditer(text):
        if found["name"] == wanted:
            return set(_LABEL.findall(found["labels"] or ""))
    return None


def buckets_of(text: str, name: str) -> str:
    found = re.findall(rf'^{name}_bucket\{{.*?le="([^"]+)"', text, re.MULTILINE)
    return " ".join(dict.fromkeys(found))


async def scraped(world: World, service: str) -> str:
    url = f"http://{LOOPBACK}:{world.suite.probes[service]}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return await answer.text()


async def test_every_metric_of_argo_cd_is_there_or_said_to_be_elsewhere(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    await world.settled(name)
    lost = await world.application(world.git.repo_url("nowhere"), namespace)
    await world.with_condition(lost, "nowhere")
    async with aiohttp.ClientSession() as http:
        login = {"username": "admin", "password": "not the password"}
        async with http.post(f"{world.suite.api_url}/api/v1/session", json=login) as answer:
            assert answer.status == 401

    async def is_told() -> bool:
        text = await scraped(world, "app-controller")
        return f'name="{name}"' in text and "argocd_app_sync_total{" in text and "events_total{" in text

    await world.until(is_told, "the controller tells of the application")
    for service, expected in SERVED.items():
        text = await scraped(world, service)
        for metric, (kind, labels) in expected.items():
            assert f"# TYPE {metric} {kind}\n" in text, (service, metric)
            found = labels_of(text, metric, kind)
            assert found is None or found == set(labels.split()), (service, metric)
        assert "_created" not in text
        for (of, metric), buckets in BUCKETS.items():
            if of == service and labels_of(text, metric, "histogram") is not None:
                assert buckets_of(text, metric) == buckets, metric
    text = await scraped(world, "app-controller")
    line = next(line for line in text.splitlines() if line.startswith("argocd_app_info") and name in line)
    for part in (f'dest_server="{IN_CLUSTER}"', 'sync_status="Synced"', 'phase="Succeeded"', 'operation=""'):
        assert part in line
    assert f'argocd_cluster_connection_status{{server="{IN_CLUSTER}"' in text
    assert re.search(
        rf'argocd_app_sync_total\{{.*name="{name}".*phase="Succeeded",dry_run="false"\}} 1\n', text
    )
    assert re.search(rf'argocd_app_k8s_request_total\{{.*name="{name}".*verb="Patch"', text)
    assert 'argocd_login_request_total{status="failure"}' in await scraped(world, "api-server")


def test_every_metric_is_in_the_page_and_those_elsewhere_with_a_reason() -> None:
    page = DOCS.read_text()
    served, _, elsewhere = page.partition("## Not here")
    known = {metric for expected in SERVED.values() for metric in expected}
    for metric in (*known, *COMMIT, *SWITCHED_ON):
        assert f"`{metric}`" in served, metric
    for metric in ELSEWHERE:
        assert f"`{metric}`" in elsewhere, metric
    assert not known & set(ELSEWHERE)
