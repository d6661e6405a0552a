if obj.metadata.annotations ~= nil then
  obj.metadata.annotations["autoscaling.keda.sh/paused"] = nil
end
return obj
