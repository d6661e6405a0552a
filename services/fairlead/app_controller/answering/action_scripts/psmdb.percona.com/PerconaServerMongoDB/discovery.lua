local actions = {}
actions["unpause"] = {iconClass = "fa fa-fw fa-play-circle", disabled = obj.spec.pause ~= true}
return actions
