"""What our client of Kubernetes is tested with on the real control plane holds on a played cluster, too."""

from collections.abc import AsyncIterator

import pytest

from fairlead.kube.connection import Connection
from fairlead.kube.discovery import Discovery
from fairlead.kube.rest import KubeClient
from tests.integration.kube.fault_proxy import FaultProxy
from tests.integration.kube.test_discovery import (
    test_a_group_version_that_fails_in_the_older_form_is_unknown,
    test_an_unchanged_discovery_costs_no_bodies,
    test_kinds_scopes_versions_and_capabilities_are_known,
    test_the_older_form_of_discovery_says_the_same,
)
from tests.integration.kube.test_list_watch import (
    test_a_dropped_watch_goes_on_where_it_was_without_a_list,
    test_a_list_from_a_lagging_server_is_not_believed,
    test_a_list_that_fails_half_way_deletes_nothing,
    test_a_refused_list_makes_its_kind_unknown_and_no_other,
    test_an_event_that_its_taker_cannot_take_is_doubt_until_the_next_list_and_ends_nothing,
    test_an_expiry_inside_the_stream_leads_to_a_list,
    test_an_object_larger_than_a_read_buffer_arrives_whole,
    test_an_unreachable_cluster_is_waited_for,
    test_what_was_deleted_during_an_expired_watch_is_found_by_the_relist,
)
from tests.integration.kube.test_live_state import (
    test_excluded_kinds_are_not_held,
    test_objects_are_found_by_the_application_that_marks_them,
    test_only_the_namespaces_of_a_restricted_cluster_are_followed,
    test_our_own_write_is_seen_at_once_and_told_only_once,
)
from tests.integration.kube.test_openapi import test_unchanged_descriptions_are_kept
from tests.integration.kube.test_rest import (
    test_a_delete_takes_only_the_object_that_was_looked_at,
    test_a_dry_run_tells_the_outcome_and_stores_nothing,
    test_a_field_of_another_manager_is_taken_only_by_force,
    test_a_write_computed_from_an_old_version_conflicts,
    test_an_applied_object_loses_what_git_no_longer_has,
    test_an_apply_says_created_unchanged_or_configured,
    test_errors_carry_the_servers_words,
    test_long_lists_come_in_pages,
)

__all__ = [
    "test_a_delete_takes_only_the_object_that_was_looked_at",
    "test_a_dropped_watch_goes_on_where_it_was_without_a_list",
    "test_a_dry_run_tells_the_outcome_and_stores_nothing",
    "test_a_field_of_another_manager_is_taken_only_by_force",
    "test_a_group_version_that_fails_in_the_older_form_is_unknown",
    "test_a_list_from_a_lagging_server_is_not_believed",
    "test_a_list_that_fails_half_way_deletes_nothing",
    "test_a_refused_list_makes_its_kind_unknown_and_no_other",
    "test_a_write_computed_from_an_old_version_conflicts",
    "test_an_applied_object_loses_what_git_no_longer_has",
    "test_an_apply_says_created_unchanged_or_configured",
    "test_an_event_that_its_taker_cannot_take_is_doubt_until_the_next_list_and_ends_nothing",
    "test_an_expiry_inside_the_stream_leads_to_a_list",
    "test_an_object_larger_than_a_read_buffer_arrives_whole",
    "test_an_unchanged_discovery_costs_no_bodies",
    "test_an_unreachable_cluster_is_waited_for",
    "test_errors_carry_the_servers_words",
    "test_excluded_kinds_are_not_held",
    "test_kinds_scopes_versions_and_capabilities_are_known",
    "test_long_lists_come_in_pages",
    "test_objects_are_found_by_the_application_that_marks_them",
    "test_only_the_namespaces_of_a_restricted_cluster_are_followed",
    "test_our_own_write_is_seen_at_once_and_told_only_once",
    "test_the_older_form_of_discovery_says_the_same",
    "test_unchanged_descriptions_are_kept",
    "test_what_was_deleted_during_an_expired_watch_is_found_by_the_relist",
]


@pytest.fixture
def connection(played: Connection) -> Connection:
    return played


@pytest.fixture
async def discovery(client: KubeClient) -> Discovery:
    found = Discovery(client)
    await found.refresh()
    return found


@pytest.fixture
async def proxy(connection: Connection) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(connection) as running:
        yield running
