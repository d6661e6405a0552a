local suspended = obj.spec.suspend == true
local actions = {}
actions["create-job"] = {iconClass = "fa fa-fw fa-plus", displayName = "Create Job"}
actions["suspend"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = suspended}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not suspended}
return actions
