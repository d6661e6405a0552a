local shared = import 'shared.libsonnet';
function(name, ports) {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: name, labels: shared.labels },
  spec: { ports: [{ port: port } for port in ports], replicas: std.extVar('replicas') },
}
