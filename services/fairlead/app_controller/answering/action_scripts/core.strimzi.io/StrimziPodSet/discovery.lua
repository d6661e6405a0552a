local annotations = obj.metadata.annotations or {}
local actions = {}
actions["rolling-update"] = {
  iconClass = "fa fa-fw fa-redo",
  disabled = annotations["strimzi.io/manual-rolling-update"] == "true",
}
return actions
