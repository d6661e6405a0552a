local web = import 'web.libsonnet';
function(name, ports) [
  web.configMap(name) { data: { stage: std.extVar('stage'), text: importstr 'text.txt' } },
  null,
  { apiVersion: 'v1', kind: 'List', items: [web.configMap(name + '-of-a-list')] },
]
