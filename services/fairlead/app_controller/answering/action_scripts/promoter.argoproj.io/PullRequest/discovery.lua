local actions = {}
actions["merge"] = {iconClass = "fa fa-fw fa-code-branch", disabled = obj.spec.state ~= "open"}
return actions
