local paused = obj.spec.paused == true
local actions = {}
actions["restart"] = {iconClass = "fa fa-fw fa-redo"}
actions["scale"] = {iconClass = "fa fa-fw fa-plus-circle", params = {{name = "replicas"}}}
actions["pause"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = paused}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not paused}
return actions
