local child = obj.spec.monoVertex or {}
local paused = ((child.spec or {}).lifecycle or {}).desiredPhase == "Paused"
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
return actions
