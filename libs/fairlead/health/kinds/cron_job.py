"""CronJob: healthy unless its last finished run failed.

Invariant: a CronJob that is told not to run, or that never ran, is healthy; being idle is its normal state.
"""

from __future__ import annotations

from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, flag_at, list_at, text_at, value_at


def assess(obj: Manifest) -> Health:
    """Judge one CronJob. Times are RFC 3339 in UTC, so their text compares like they do."""
    if flag_at(obj, "spec", "suspend"):
        return healthy("CronJob is Suspended")
    if value_at(obj, "status") is None:
        return progressing("Waiting for CronJob")
    return _last_run(obj)


def _last_run(obj: Manifest) -> Health:
    scheduled = text_at(obj, "status", "lastScheduleTime")
    succeeded = text_at(obj, "status", "lastSuccessfulTime")
    if not scheduled:
        return healthy("CronJob has not been scheduled yet")
    if not succeeded:
        return healthy("The CronJob never completed successfully. It may not be healthy")
    if list_at(obj, "status", "active"):
        return healthy("The job is running. Its last execution may not have been successful")
    if succeeded < scheduled:
        return degraded("CronJob has not completed its last execution successfully")
    return healthy("CronJob has completed its last execution successfully")
