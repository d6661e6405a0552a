if obj.metadata.annotations ~= nil then
  obj.metadata.annotations["cnpg.io/reconciliationLoop"] = nil
end
return obj
