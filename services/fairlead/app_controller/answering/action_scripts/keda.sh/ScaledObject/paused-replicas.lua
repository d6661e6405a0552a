local replicas = tonumber(actionParams["replicas"] or "0")
if replicas == nil or replicas < 0 or replicas ~= math.floor(replicas) then
  error("replicas has to be a whole number", 0)
end
obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["autoscaling.keda.sh/paused-replicas"] = string.format("%d", replicas)
return obj
