local annotations = obj.metadata.annotations or {}
local paused = annotations["autoscaling.keda.sh/paused"] == "true"
  or annotations["autoscaling.keda.sh/paused-replicas"] ~= nil
local actions = {}
actions["pause"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = paused}
actions["paused-replicas"] = {
  iconClass = "fa fa-fw fa-pause-circle",
  displayName = "pause at a number of replicas",
  disabled = paused,
  params = {{name = "replicas"}},
}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not paused}
return actions
