local phase = (obj.status or {}).phase
local over = phase == "Successful" or phase == "Failed" or phase == "Error" or phase == "Inconclusive"
return {["terminate"] = {iconClass = "fa fa-fw fa-stop-circle", disabled = over or obj.spec.terminate == true}}
