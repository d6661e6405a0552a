(import 'further.libsonnet') + { configMap(name):: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name, labels: { of: 'the last library' } } } }
