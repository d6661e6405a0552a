local suspended = obj.spec.suspend == true
local over = obj.status ~= nil and obj.status.completionTime ~= nil
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  if (condition.type == "Complete" or condition.type == "Failed") and condition.status == "True" then
    over = true
  end
end
local actions = {}
actions["suspend"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = suspended or over}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not suspended or over}
actions["terminate"] = {iconClass = "fa fa-fw fa-stop-circle", disabled = over}
return actions
