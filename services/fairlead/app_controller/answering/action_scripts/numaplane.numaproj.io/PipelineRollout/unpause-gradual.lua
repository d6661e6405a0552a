local child = obj.spec.pipeline
child.metadata = child.metadata or {}
child.metadata.annotations = child.metadata.annotations or {}
child.metadata.annotations["numaflow.numaproj.io/resume-strategy"] = "slow"
child.spec.lifecycle = child.spec.lifecycle or {}
child.spec.lifecycle.desiredPhase = "Running"
return obj
