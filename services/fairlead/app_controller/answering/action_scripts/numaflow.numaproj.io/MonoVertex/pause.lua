obj.spec.lifecycle = obj.spec.lifecycle or {}
obj.spec.lifecycle.desiredPhase = "Paused"
return obj
