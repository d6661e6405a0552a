import { describe, expect, test } from 'vitest';
import { application, deployment, node } from '../example';
import { joined, keyOf } from '../model';
import { byOwner, isAddress, networkOf } from './forest';

describe('who is below whom', () => {
  test('what the cluster made hangs below its owner', () => {
    const nodes = deployment('web', 2);
    const forest = byOwner(joined(application(), nodes, []));
    const [top, set] = nodes.map(keyOf);
    expect(forest.roots).toEqual([top]);
    expect(forest.children.get(top ?? '')).toEqual([set]);
    expect(forest.children.get(set ?? '')).toHaveLength(2);
  });

  test('owners in a circle lose nothing', () => {
    const one = node('Widget', 'one');
    const other = node('Widget', 'other', { parentRefs: [one] });
    one.parentRefs = [other];
    const forest = byOwner(joined(application(), [one, other], []));
    expect(forest.roots).toHaveLength(1);
    expect(forest.parents.size).toBe(1);
  });

  test('traffic goes from ingresses over services to the pods that they select', () => {
    const service = node('Service', 'web', { networkingInfo: { targetLabels: { app: 'web' } } });
    const ingresses = ['a', 'b'].map((name) => node('Ingress', name, { networkingInfo: { targetRefs: [service] } }));
    const objects = joined(application(), [...deployment('web', 2), service, ...ingresses, node('Secret', 's')], []);
    const { forest } = networkOf(objects);
    expect(forest.roots).toEqual(ingresses.map(keyOf));
    expect(forest.links).toEqual([[keyOf(ingresses[1] ?? {}), keyOf(service)]]);
    expect(forest.children.get(keyOf(service))).toHaveLength(2);
  });

  test('the addresses outside lead to what they reach', () => {
    const ingresses = ['a', 'b'].map((name) =>
      node('Ingress', name, { networkingInfo: { ingress: [{ ip: '203.0.113.7' }, { hostname: `${name}.example` }] } }),
    );
    const { objects, forest } = networkOf(joined(application(), ingresses, []));
    const addresses = [...objects.values()].filter(isAddress);
    expect(addresses.map((one) => one.name)).toEqual(['203.0.113.7', 'a.example', 'b.example']);
    expect(forest.roots).toEqual(addresses.map((one) => one.key));
    expect([...forest.children.values()].flat().sort()).toEqual(ingresses.map(keyOf));
  });

  test('a service without a selector leads to no pod', () => {
    const service = node('Service', 'outside', { networkingInfo: { externalURLs: [] } });
    const { forest } = networkOf(joined(application(), [...deployment('web', 2), service], []));
    expect(forest.children.size).toBe(0);
  });

  test('objects of the status that the tree does not have are shown', () => {
    const app = application({ status: { resources: [{ kind: 'Secret', name: 'gone', status: 'OutOfSync' }] } });
    expect(joined(app, [], []).get('/Secret//gone')).toMatchObject({ sync: 'OutOfSync', isManaged: true });
  });
});
