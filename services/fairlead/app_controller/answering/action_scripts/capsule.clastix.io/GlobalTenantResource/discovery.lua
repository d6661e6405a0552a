local cordoned = obj.spec.cordoned == true
local actions = {}
actions["cordon"] = {iconClass = "fa fa-fw fa-lock", disabled = cordoned}
actions["uncordon"] = {iconClass = "fa fa-fw fa-unlock", disabled = not cordoned}
actions["reconcile"] = {iconClass = "fa fa-fw fa-sync", disabled = cordoned}
return actions
