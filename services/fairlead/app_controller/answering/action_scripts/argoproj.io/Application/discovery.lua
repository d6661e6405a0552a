local policy = obj.spec.syncPolicy or {}
local automatic = policy.automated ~= nil and policy.automated.enabled ~= false
local word = automatic and "Disable" or "Enable"
return {["toggle-auto-sync"] = {displayName = word .. " Auto-Sync"}}
