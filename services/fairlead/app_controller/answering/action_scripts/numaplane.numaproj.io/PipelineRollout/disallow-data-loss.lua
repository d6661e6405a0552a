if obj.metadata.annotations ~= nil then
  obj.metadata.annotations["numaplane.numaproj.io/allow-data-loss"] = nil
end
return obj
