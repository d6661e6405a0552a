local os = require("os")
obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["cnpg.io/reloadedAt"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
