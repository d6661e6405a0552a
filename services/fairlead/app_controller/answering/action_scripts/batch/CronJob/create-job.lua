-- A Job as the schedule would have made it, now; it belongs to the CronJob and is kept like its others.
local os = require("os")
local template = obj.spec.jobTemplate
local meta = template.metadata or {}
local annotations = {}
for name, value in pairs(meta.annotations or {}) do
  annotations[name] = value
end
annotations["cronjob.kubernetes.io/instantiate"] = "manual"
local job = {
  apiVersion = "batch/v1",
  kind = "Job",
  metadata = {
    name = string.sub(obj.metadata.name, 1, 52) .. os.date("!-%d%H%M%S"),
    namespace = obj.metadata.namespace,
    labels = meta.labels,
    annotations = annotations,
    ownerReferences = {{
      apiVersion = obj.apiVersion,
      kind = obj.kind,
      name = obj.metadata.name,
      uid = obj.metadata.uid,
      controller = true,
      blockOwnerDeletion = true,
    }},
  },
  spec = template.spec,
}
return {{operation = "create", resource = job}}
