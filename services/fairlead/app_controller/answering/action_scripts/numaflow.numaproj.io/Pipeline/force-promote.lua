obj.metadata.labels = obj.metadata.labels or {}
obj.metadata.labels["numaplane.numaproj.io/force-promote"] = "true"
return obj
