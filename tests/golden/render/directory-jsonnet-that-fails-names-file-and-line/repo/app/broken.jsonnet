{
  apiVersion: 'v1',
  kind: error 'nobody knows',
}
