obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["cnpg.io/hibernation"] = "off"
return obj
