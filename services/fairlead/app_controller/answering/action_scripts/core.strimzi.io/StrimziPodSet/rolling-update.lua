obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["strimzi.io/manual-rolling-update"] = "true"
return obj
