import { describe, expect, it } from 'vitest';
import { arrange, hold, moved } from './held';
import type { ApplicationRow } from './row';
import type { Listing } from './window';

const row = (name: string, health = 'Healthy'): ApplicationRow => ({
  key: name,
  name,
  namespace: 'argocd',
  project: 'default',
  health,
});
const listing = (...items: ApplicationRow[]): Listing => ({ total: items.length, offset: 0, items, facets: {} });
const names = (items: readonly ApplicationRow[]) => items.map((one) => one.name);

describe('rows under the cursor', () => {
  it('show what changes in them at once and stay where they are', () => {
    const held = hold(listing(row('a'), row('b'), row('c')));
    const shown = arrange(listing(row('c', 'Degraded'), row('a'), row('b')), held);
    expect(names(shown.items)).toEqual(['a', 'b', 'c']);
    expect(shown.items[2]?.health).toBe('Degraded');
    expect(shown.waiting).toBe(3);
  });

  it('keep their place when they are gone, and say so', () => {
    const shown = arrange(listing(row('a')), hold(listing(row('a'), row('b'))));
    expect(names(shown.items)).toEqual(['a', 'b']);
    expect([...shown.gone]).toEqual(['b']);
    expect([shown.total, shown.waiting]).toEqual([2, 1]);
  });

  it('are the very rows when nothing waits', () => {
    const now = listing(row('a'), row('b'));
    const shown = arrange(now, hold(now));
    expect(shown.items).toBe(now.items);
    expect(shown.waiting).toBe(0);
  });

  it('are those of the new window after scrolling', () => {
    const held = hold(listing(row('a')));
    const shown = arrange({ ...listing(row('x')), offset: 20 }, held);
    expect(names(shown.items)).toEqual(['x']);
  });
});

it('a row is found again by its key', () => {
  const before = arrange(listing(row('a'), row('b'), row('c')), null);
  const now = arrange(listing(row('new'), row('a'), row('c')), null);
  expect([moved(before, now, 'a'), moved(before, now, 'c'), moved(before, now, 'b')]).toEqual([1, 0, 0]);
});
