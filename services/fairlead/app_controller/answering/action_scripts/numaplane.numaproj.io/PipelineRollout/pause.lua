local child = obj.spec.pipeline
child.spec.lifecycle = child.spec.lifecycle or {}
child.spec.lifecycle.desiredPhase = "Paused"
return obj
