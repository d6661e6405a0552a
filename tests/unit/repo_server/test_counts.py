"""Hosts of repositories are told apart in the metrics, within a bound."""

from prometheus_client import generate_latest

from fairlead.repo_server import counts


def test_a_hosts_requests_and_budget_are_exposed() -> None:
    counts.asked_outbound("charts.counted.example", 200, 0.2)
    counts.asked_outbound("charts.counted.example", 0, 0.2)
    counts.budgeted("charts.counted.example", 41.0, 0.0)
    counts.budgeted("charts.counted.example", None, 60.0)
    text = generate_latest().decode()
    host = 'host="charts.counted.example"'
    assert f'fairlead_outbound_requests_total{{code="200",{host}}} 1.0' in text
    assert f'fairlead_outbound_requests_total{{code="none",{host}}} 1.0' in text
    assert f"fairlead_outbound_rate_limit_remaining{{{host}}} 41.0" in text
    assert f"fairlead_outbound_held_seconds{{{host}}} 60.0" in text


def test_hosts_without_number_are_counted_together() -> None:
    for number in range(counts.MOST_HOSTS + 5):
        counts.asked_outbound(f"{number}.many.example", 200, 0.1)
    text = generate_latest().decode()
    assert 'host="others"' in text
    assert f"{counts.MOST_HOSTS + 4}.many.example" not in text
