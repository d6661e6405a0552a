obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["autoscaling.keda.sh/paused"] = "true"
return obj
