local child = obj.spec.pipeline or {}
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
local allowed = (obj.metadata.annotations or {})["numaplane.numaproj.io/allow-data-loss"] == "true"
local draining = (obj.status or {}).upgradeInProgress == "PipelinePauseAndDrain"
actions["allow-data-loss"] = {
  iconClass = "fa fa-fw fa-unlock",
  displayName = "Allow (possible) data loss",
  disabled = allowed or not draining,
}
actions["disallow-data-loss"] = {
  iconClass = "fa fa-fw fa-lock",
  displayName = "Disallow data loss",
  disabled = not allowed,
}
return actions
