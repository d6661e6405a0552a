local wanted = tonumber(actionParams["replicas"])
if wanted == nil or wanted < 0 or wanted ~= math.floor(wanted) then
  error("replicas must be a whole number that is not negative, not " .. tostring(actionParams["replicas"]), 0)
end
obj.spec.replicas = wanted
return obj
