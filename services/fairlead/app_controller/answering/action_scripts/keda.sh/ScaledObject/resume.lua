local annotations = obj.metadata.annotations
if annotations ~= nil then
  annotations["autoscaling.keda.sh/paused"] = nil
  annotations["autoscaling.keda.sh/paused-replicas"] = nil
end
return obj
