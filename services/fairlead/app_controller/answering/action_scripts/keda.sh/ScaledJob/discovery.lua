local annotations = obj.metadata.annotations or {}
local paused = annotations["autoscaling.keda.sh/paused"] == "true"
local actions = {}
actions["pause"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = paused}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not paused}
return actions
