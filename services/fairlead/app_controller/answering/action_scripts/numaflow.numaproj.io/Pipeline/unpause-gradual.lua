obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["numaflow.numaproj.io/resume-strategy"] = "slow"
obj.spec.lifecycle = obj.spec.lifecycle or {}
obj.spec.lifecycle.desiredPhase = "Running"
return obj
