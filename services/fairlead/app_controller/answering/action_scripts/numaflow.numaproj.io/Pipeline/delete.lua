-- Numaplane drains and deletes what it may recycle.
obj.metadata.labels = obj.metadata.labels or {}
obj.metadata.labels["numaplane.numaproj.io/upgrade-state"] = "recyclable"
obj.metadata.labels["numaplane.numaproj.io/upgrade-state-reason"] = "purge"
return obj
