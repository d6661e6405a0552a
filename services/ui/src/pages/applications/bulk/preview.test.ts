import { expect, it } from 'vitest';
import { all, NONE, set, toggle } from '../selection';
import { deletionOf, OPTIONS, syncOf } from './actions';
import { bodyOf, chosenOf } from './preview';

const row = (name: string) => ({ key: `argocd/${name}`, name, namespace: 'argocd', project: 'p' });

it('a preview is asked for the very applications, or for all that the view means', () => {
  const some = set(NONE, [row('a'), row('b')], true);
  expect(bodyOf('sync', some, { health: ['Degraded'] })).toEqual({ action: 'sync', keys: ['argocd/a', 'argocd/b'] });
  expect(bodyOf('delete', all(9), { health: ['Degraded'], sort: 'name' })).toEqual({
    action: 'delete',
    query: { health: ['Degraded'] },
  });
});

it('what was taken out of all is not touched', () => {
  const items = [row('a'), row('b')].map((one) => ({ ...one, allowed: true }));
  expect(chosenOf(toggle(all(2), row('b')), { total: 2, items })).toEqual({ total: 1, items: [items[0]] });
  expect(chosenOf(NONE, { total: 2, items }).items).toBe(items);
});

it('a bulk sync leaves the options of each application as they are', () => {
  expect(syncOf(OPTIONS)).toEqual({ prune: false, dryRun: false, strategy: { hook: { force: false } } });
  expect(syncOf({ ...OPTIONS, noHooks: true, force: true, prune: true })).toEqual({
    prune: true,
    dryRun: false,
    strategy: { apply: { force: true } },
  });
  expect(deletionOf(OPTIONS)).toEqual({ cascade: true, propagationPolicy: 'foreground' });
  expect(deletionOf({ ...OPTIONS, cascade: 'orphan' })).toEqual({ cascade: false });
});
