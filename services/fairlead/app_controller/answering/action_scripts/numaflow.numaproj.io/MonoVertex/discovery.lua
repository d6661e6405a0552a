local labels = obj.metadata.labels or {}
local tried = labels["numaplane.numaproj.io/upgrade-state"] == "in-progress"
local promoted = labels["numaplane.numaproj.io/force-promote"] == "true"
local paused = (obj.spec.lifecycle or {}).desiredPhase == "Paused"
local actions = {}
actions["pause"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = paused}
actions["unpause-fast"] = {
  iconClass = "fa fa-fw fa-play-circle",
  displayName = "Unpause (with as many pods as before)",
  disabled = not paused,
}
actions["unpause-gradual"] = {
  iconClass = "fa fa-fw fa-play",
  displayName = "Unpause (with few pods at first)",
  disabled = not paused,
}
actions["force-promote"] = {iconClass = "fa fa-fw fa-forward", disabled = promoted or not tried}
return actions
