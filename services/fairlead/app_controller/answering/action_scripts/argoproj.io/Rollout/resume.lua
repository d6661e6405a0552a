if obj.status ~= nil then
  obj.status.pauseConditions = nil
end
obj.spec.paused = nil
return obj
