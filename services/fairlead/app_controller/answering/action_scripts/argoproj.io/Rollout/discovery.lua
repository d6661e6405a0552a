local status = obj.status or {}
local paused = obj.spec.paused == true
local waiting = status.pauseConditions ~= nil and #status.pauseConditions > 0
local aborted = status.abort == true
local whole = status.currentPodHash ~= nil and status.stableRS == status.currentPodHash
local canary = (obj.spec.strategy or {}).canary
local steps = canary ~= nil and canary.steps or nil
local stepping = steps ~= nil and #steps > 0 and (status.currentStepIndex or 0) < #steps
local actions = {}
actions["restart"] = {iconClass = "fa fa-fw fa-redo"}
actions["pause"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = paused or waiting}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not (paused or waiting)}
actions["abort"] = {iconClass = "fa fa-fw fa-times-circle", disabled = aborted or whole}
actions["retry"] = {iconClass = "fa fa-fw fa-undo", disabled = not aborted}
actions["promote-full"] = {iconClass = "fa fa-fw fa-forward", disabled = whole or status.promoteFull == true}
actions["skip-current-step"] = {iconClass = "fa fa-fw fa-step-forward", disabled = whole or not stepping}
return actions
