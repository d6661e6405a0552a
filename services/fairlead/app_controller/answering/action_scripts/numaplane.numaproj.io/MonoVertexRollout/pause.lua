local child = obj.spec.monoVertex
child.spec.lifecycle = child.spec.lifecycle or {}
child.spec.lifecycle.desiredPhase = "Paused"
return obj
