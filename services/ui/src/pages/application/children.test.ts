import { expect, test } from 'vitest';
import { withStates } from './children';
import { application, node } from './example';
import { joined } from './model';
import { stateWords } from './tree/label';

const child = node('Application', 'child', { group: 'argoproj.io' });
const row = { key: 'k', name: 'child', namespace: 'shop', project: 'default', sync: 'OutOfSync', health: 'Degraded' };

test('a child application says how it fares itself', () => {
  const parent = application();
  const [found] = withStates(parent, joined(parent, [child], []), [row]).values();
  expect(found).toMatchObject({ sync: 'Synced', health: 'Degraded', ownSync: 'OutOfSync' });
  expect(found && stateWords(found)).toBe(', Degraded, Synced, itself out of sync');
});

test('in another cluster the same name is another application', () => {
  const parent = application({ spec: { destination: { server: 'https://elsewhere.example' } } });
  const objects = joined(parent, [child], []);
  expect(withStates(parent, objects, [row]).get([...objects.keys()][0] ?? '')?.ownSync).toBe('');
});
