obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["numaplane.numaproj.io/allow-data-loss"] = "true"
return obj
