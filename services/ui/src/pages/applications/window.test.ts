import { describe, expect, it } from 'vitest';
import type { ApplicationRow } from './row';
import { type Listing, reduceWindow, spanFor } from './window';

const row = (name: string, health = 'Healthy'): ApplicationRow => ({
  key: `argocd/${name}`,
  name,
  namespace: 'argocd',
  project: 'default',
  health,
});
const names = (listing: Listing | undefined) => listing?.items.map((one) => one.name);
const held: Listing = { total: 3, offset: 40, items: [row('a'), row('b'), row('c')], facets: {} };

describe('the events of a window', () => {
  it('replace everything with a whole window', () => {
    const next = reduceWindow(held, { type: 'WINDOW', total: 1, items: [row('z')] }, 0);
    expect([next?.offset, next?.total, names(next)]).toEqual([0, 1, ['z']]);
    expect(names(reduceWindow(undefined, { type: 'WINDOW', total: 0 }, 0))).toEqual([]);
  });

  it('drop, replace and insert, in this order', () => {
    const rows = [
      { at: 0, item: row('new') },
      { at: 1, item: row('a', 'Degraded') },
      { at: 2, item: row('b') },
    ];
    const next = reduceWindow(held, { type: 'CHANGE', total: 4, removed: ['argocd/b'], rows }, 40);
    expect(names(next)).toEqual(['new', 'a', 'b', 'c']);
    expect(next?.items[1]?.health).toBe('Degraded');
  });

  it('keep the rows that did not change as they are', () => {
    const next = reduceWindow(held, { type: 'CHANGE', total: 3, rows: [{ at: 1, item: row('b', 'Missing') }] }, 40);
    expect(next?.items[0]).toBe(held.items[0]);
    expect(next?.items[2]).toBe(held.items[2]);
  });

  it('keep the very list when only a count changed', () => {
    const facets = { health: { values: [{ value: 'Healthy', count: 3 }] } };
    const next = reduceWindow(held, { type: 'CHANGE', total: 9, facets }, 40);
    expect(next?.items).toBe(held.items);
    expect([next?.total, next?.facets]).toEqual([9, facets]);
  });

  it('tell nothing of a window elsewhere', () => {
    expect(reduceWindow(held, { type: 'CHANGE', total: 1, removed: ['argocd/a'] }, 60)).toBe(held);
  });
});

describe('the window for what is on the screen', () => {
  it('stays as long as it covers the screen and a margin', () => {
    const present = { offset: 0, limit: 100 };
    expect(spanFor({ first: 0, last: 20 }, present)).toBe(present);
    expect(spanFor({ first: 50, last: 70 }, present)).toBe(present);
    expect(spanFor({ first: 70, last: 90 }, present)).toEqual({ offset: 40, limit: 100 });
  });

  it('is within what the server follows, and around the screen, wherever one scrolls', () => {
    let present = { offset: 0, limit: 100 };
    for (let first = 0; first < 9900; first += 37) {
      present = spanFor({ first, last: first + 39 }, present);
      expect(present.limit).toBeLessThanOrEqual(200);
      expect(present.offset).toBeLessThanOrEqual(first);
      expect(present.offset + present.limit).toBeGreaterThan(first + 39);
    }
  });

  it('is larger on a larger screen', () => {
    const span = spanFor({ first: 480, last: 635 }, { offset: 0, limit: 100 });
    expect(span).toEqual({ offset: 460, limit: 200 });
    expect(spanFor({ first: 480, last: 635 }, span)).toBe(span);
  });
});
