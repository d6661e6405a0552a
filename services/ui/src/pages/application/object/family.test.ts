import { expect, test } from 'vitest';
import type { TreeNode } from '../model';
import { familyOf } from './family';

function node(kind: string, name: string, parent?: [string, string]): TreeNode {
  const group = kind === 'Pod' || kind === 'Service' ? '' : 'apps';
  const refs = parent ? [{ group: 'apps', kind: parent[0], namespace: 'x', name: parent[1] }] : [];
  return {
    key: `${group}/${kind}/x/${name}`,
    ...(group ? { group } : {}),
    kind,
    namespace: 'x',
    name,
    ...(refs.length ? { parentRefs: refs } : {}),
  };
}

const NODES = [
  node('Deployment', 'web'),
  node('ReplicaSet', 'web-1', ['Deployment', 'web']),
  node('Pod', 'web-1-b', ['ReplicaSet', 'web-1']),
  node('Pod', 'web-1-a', ['ReplicaSet', 'web-1']),
  node('Service', 'web'),
];

test('a deployment has its replica sets, and their pods by name', () => {
  const found = familyOf({ group: 'apps', kind: 'Deployment', namespace: 'x', name: 'web' }, NODES);
  expect(found.owners).toEqual([]);
  expect(found.children.map((one) => one.name)).toEqual(['web-1']);
  expect(found.pods.map((one) => one.name)).toEqual(['web-1-a', 'web-1-b']);
});

test('a pod is its own, and has an owner', () => {
  const found = familyOf({ group: '', kind: 'Pod', namespace: 'x', name: 'web-1-a' }, NODES);
  expect(found.owners.map((one) => one.name)).toEqual(['web-1']);
  expect(found.pods.map((one) => one.name)).toEqual(['web-1-a']);
});

test('who is of the same name but another kind is no relation', () => {
  const found = familyOf({ group: '', kind: 'Service', namespace: 'x', name: 'web' }, NODES);
  expect(found.children).toEqual([]);
  expect(found.pods).toEqual([]);
});

test('what is not there has nobody', () => {
  expect(familyOf({ group: '', kind: 'Service', namespace: 'x', name: 'gone' }, NODES).node).toBeNull();
});

test('owners in a circle have an end', () => {
  const nodes = [node('ReplicaSet', 'a', ['ReplicaSet', 'b']), node('ReplicaSet', 'b', ['ReplicaSet', 'a'])];
  const found = familyOf({ group: 'apps', kind: 'ReplicaSet', namespace: 'x', name: 'a' }, nodes);
  expect(found.children.map((one) => one.name)).toEqual(['b']);
});
