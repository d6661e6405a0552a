local os = require("os")
local meta = obj.spec.workflowMetadata or {}
local labels = {["workflows.argoproj.io/cron-workflow"] = obj.metadata.name}
for name, value in pairs(meta.labels or {}) do
  labels[name] = value
end
local workflow = {
  apiVersion = "argoproj.io/v1alpha1",
  kind = "Workflow",
  metadata = {
    name = obj.metadata.name .. os.date("!-%Y%m%d%H%M%S"),
    namespace = obj.metadata.namespace,
    labels = labels,
    annotations = meta.annotations,
    ownerReferences = {{
      apiVersion = obj.apiVersion,
      kind = obj.kind,
      name = obj.metadata.name,
      uid = obj.metadata.uid,
      controller = true,
      blockOwnerDeletion = true,
    }},
  },
  spec = obj.spec.workflowSpec,
}
return {{operation = "create", resource = workflow}}
