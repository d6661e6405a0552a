import { expect, test } from 'vitest';
import { application, node } from '../example';
import { keyOf } from '../model';
import { stampOf } from './use_why';

const one = node('ConfigMap', 'settings', { resourceVersion: '1' });
const other = node('ConfigMap', 'calm', { resourceVersion: '1' });
const differing = (more: object = {}) =>
  application({
    status: {
      sync: { status: 'OutOfSync', revision: 'a' },
      resources: [
        { kind: 'ConfigMap', namespace: 'shop', name: 'settings', status: 'OutOfSync' },
        { kind: 'ConfigMap', namespace: 'shop', name: 'calm', status: 'Synced' },
      ],
      ...more,
    },
  });
const nodes = (...some: (typeof one)[]) => new Map(some.map((each) => [keyOf(each), each]));
const before = stampOf(differing(), nodes(one, other));

test('it is asked again when an object that differs is another, and not for one that does not', () => {
  expect(stampOf(differing(), nodes({ ...one, resourceVersion: '2' }, other))).not.toBe(before);
  expect(stampOf(differing(), nodes(one, { ...other, resourceVersion: '2' }))).toBe(before);
});

test('it is asked again when Git, the comparison or a rule is another', () => {
  expect(stampOf(differing({ sync: { status: 'OutOfSync', revision: 'b' } }), nodes(one, other))).not.toBe(before);
  const ignoring = { ...differing(), spec: { ignoreDifferences: [{ kind: 'ConfigMap' }] } };
  expect(stampOf(ignoring, nodes(one, other))).not.toBe(before);
});
