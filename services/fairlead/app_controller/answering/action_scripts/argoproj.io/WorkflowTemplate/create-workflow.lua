local os = require("os")
local workflow = {
  apiVersion = "argoproj.io/v1alpha1",
  kind = "Workflow",
  metadata = {
    name = obj.metadata.name .. os.date("!-%Y%m%d%H%M%S"),
    namespace = obj.metadata.namespace,
    labels = {["workflows.argoproj.io/workflow-template"] = obj.metadata.name},
  },
  spec = {workflowTemplateRef = {name = obj.metadata.name}},
}
return {{operation = "create", resource = workflow}}
