import { expect, it } from 'vitest';
import { lostBy } from './lost';

const BOTH = { kind: 'ConfigMap', namespace: 'shop', name: 'both', left: '{}', right: '{}' };
const ADDED = { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data', left: '{}' };
const GONE = { kind: 'ConfigMap', name: 'had', right: '{}' };

function live(name: string, requiresPruning: boolean, namespace = 'shop') {
  return { version: 'v1', kind: 'ConfigMap', namespace, name, requiresPruning };
}

it('what was added since is lost, and what changed or comes back is not', () => {
  expect(lostBy([BOTH, ADDED, GONE], [], 'shop').map(({ kind, name }) => [kind, name])).toEqual([
    ['PersistentVolumeClaim', 'data'],
  ]);
});

it('what waits for its prune is lost unless the deployment had it', () => {
  const resources = [live('had', true), live('left', true), live('kept', false), live('had', true, 'other')];
  expect(lostBy([GONE], resources, 'shop').map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
    'shop/left',
    'other/had',
  ]);
});

it('what says no namespace is told where it lives, and nothing twice', () => {
  const added = { kind: 'ConfigMap', name: 'left', left: '{}' };
  expect(lostBy([added], [live('left', true)], 'shop')).toEqual([
    { group: '', kind: 'ConfigMap', namespace: 'shop', name: 'left' },
  ]);
  expect(
    lostBy([{ ...added, kind: 'ClusterRole' }], [{ ...live('left', false, ''), kind: 'ClusterRole' }], 'shop'),
  ).toEqual([{ group: '', kind: 'ClusterRole', namespace: '', name: 'left' }]);
});
