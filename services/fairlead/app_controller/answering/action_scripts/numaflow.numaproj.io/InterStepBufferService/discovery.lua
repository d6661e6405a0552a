-- Only what is being tried before it takes the place of another can be promoted.
local labels = obj.metadata.labels or {}
local tried = labels["numaplane.numaproj.io/upgrade-state"] == "in-progress"
local promoted = labels["numaplane.numaproj.io/force-promote"] == "true"
return {["force-promote"] = {iconClass = "fa fa-fw fa-forward", disabled = promoted or not tried}}
