obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["cnpg.io/reconciliationLoop"] = "disabled"
return obj
