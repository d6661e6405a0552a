local suspended = obj.spec.suspend == true
local actions = {}
actions["reconcile"] = {iconClass = "fa fa-fw fa-sync", disabled = suspended}
actions["suspend"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = suspended}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not suspended}
return actions
