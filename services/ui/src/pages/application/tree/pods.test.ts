import { describe, expect, test } from 'vitest';
import { application, deployment, node } from '../example';
import { joined } from '../model';
import { byOwner } from './forest';
import { NOWHERE, podGroups, usesOf } from './pods';

const objects = joined(
  application(),
  [...deployment('web', 4), ...deployment('api', 3, 'Degraded'), node('Pod', 'lone')],
  [],
);
const forest = byOwner(objects);

describe('pods in groups', () => {
  test('by node, and those that no node runs by themselves', () => {
    const groups = podGroups(objects, forest, [{ name: 'node-1' }], 'node');
    expect(groups.map((one) => [one.title, one.pods.length])).toEqual([
      ['node-1', 4],
      ['node-2', 3],
      [NOWHERE, 1],
    ]);
    expect(groups[0]?.host).toEqual({ name: 'node-1' });
  });

  test('by workload, trouble first', () => {
    const groups = podGroups(objects, forest, [], 'topLevelResource');
    expect(groups.map((one) => [one.kind, one.title, one.troubled])).toEqual([
      ['Deployment', 'api', 3],
      ['Pod', 'lone', 0],
      ['Deployment', 'web', 0],
    ]);
  });

  test('shares of a node never exceed it', () => {
    const use = usesOf({
      resourcesInfo: [{ resourceName: 'cpu', requestedByApp: 900, requestedByNeighbors: 400, capacity: 1000 }],
    });
    expect(use).toEqual([{ name: 'cpu', mine: 0.9, others: expect.closeTo(0.1), capacity: 1000 }]);
  });
});
