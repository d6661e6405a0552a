local annotations = obj.metadata.annotations or {}
local asleep = annotations["cnpg.io/hibernation"] == "on"
local held = annotations["cnpg.io/reconciliationLoop"] == "disabled"
local actions = {}
actions["hibernate"] = {iconClass = "fa fa-fw fa-moon", disabled = asleep}
actions["rehydrate"] = {iconClass = "fa fa-fw fa-sun", disabled = not asleep}
actions["promote"] = {iconClass = "fa fa-fw fa-crown", disabled = asleep, params = {{name = "instance"}}}
actions["reload"] = {iconClass = "fa fa-fw fa-sync", disabled = asleep}
actions["restart"] = {iconClass = "fa fa-fw fa-redo", disabled = asleep}
actions["suspend"] = {iconClass = "fa fa-fw fa-pause-circle", disabled = held}
actions["resume"] = {iconClass = "fa fa-fw fa-play-circle", disabled = not held}
return actions
