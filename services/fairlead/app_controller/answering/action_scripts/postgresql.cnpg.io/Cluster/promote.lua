local os = require("os")
local wanted = actionParams["instance"]
local known = false
for _, name in ipairs((obj.status or {}).instanceNames or {}) do
  known = known or name == wanted
end
if not known then
  error("instance has to be the name of one of the cluster's instances", 0)
end
obj.status.targetPrimary = wanted
obj.status.targetPrimaryTimestamp = os.date("!%Y-%m-%dT%H:%M:%SZ")
obj.status.phase = "Switchover in progress"
obj.status.phaseReason = "Switching over to " .. wanted
return obj
