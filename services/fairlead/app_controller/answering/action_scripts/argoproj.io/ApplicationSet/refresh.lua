obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["argocd.argoproj.io/application-set-refresh"] = "true"
return obj
