"""The metrics of several processes as those of one."""

from fairlead.metrics.merged import merged

ONE = b"""# HELP argocd_info 1, with the version that runs
# TYPE argocd_info gauge
argocd_info{version="v3"} 1.0
# HELP argocd_app_info 1 for each application, with its state
# TYPE argocd_app_info gauge
argocd_app_info{name="a",sync_status="Synced"} 1
# TYPE argocd_kubectl_exec_pending gauge
argocd_kubectl_exec_pending{command="apply"} 2.0
# HELP argocd_app_reconcile Seconds of looks
# TYPE argocd_app_reconcile histogram
argocd_app_reconcile_bucket{le="1.0"} 3.0
argocd_app_reconcile_bucket{le="+Inf"} 4.0
argocd_app_reconcile_count 4.0
argocd_app_reconcile_sum 2.5
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1000.0
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 100.0
"""
OTHER = (
    ONE.replace(b'name="a"', b'name="b"')
    .replace(b"start_time_seconds 1000.0", b"start_time_seconds 900.0")
    .replace(b"_bytes 100.0", b"_bytes 50.0")
)


def test_what_is_counted_is_summed_and_what_is_so_is_told_once() -> None:
    lines = merged([ONE, OTHER]).decode().splitlines()
    assert 'argocd_info{version="v3"} 1' in lines
    assert 'argocd_app_info{name="a",sync_status="Synced"} 1' in lines
    assert 'argocd_app_info{name="b",sync_status="Synced"} 1' in lines
    assert 'argocd_kubectl_exec_pending{command="apply"} 4' in lines
    assert 'argocd_app_reconcile_bucket{le="1.0"} 6' in lines
    assert "argocd_app_reconcile_count 8" in lines
    assert "argocd_app_reconcile_sum 5" in lines
    assert "process_start_time_seconds 900" in lines
    assert "process_resident_memory_bytes 150" in lines


def test_each_family_is_headed_once_and_its_lines_stand_together() -> None:
    lines = merged([ONE, OTHER]).decode().splitlines()
    assert lines.count("# TYPE argocd_app_info gauge") == 1
    at = lines.index("# TYPE argocd_app_info gauge")
    assert [line.partition("{")[0] for line in lines[at + 1 : at + 3]] == ["argocd_app_info"] * 2


def test_an_application_that_changes_hands_counts_once() -> None:
    lines = merged([ONE, ONE]).decode().splitlines()
    assert 'argocd_app_info{name="a",sync_status="Synced"} 1' in lines


def test_one_process_is_told_as_it_is() -> None:
    assert set(merged([ONE]).decode().splitlines()) == {
        line.removesuffix(".0") for line in ONE.decode().splitlines()
    }
