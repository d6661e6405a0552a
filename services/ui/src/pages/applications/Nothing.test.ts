import { expect, it } from 'vitest';
import { without } from './Nothing';
import { emptyView } from './view';

it('each filter that could be taken away says how many it would leave', () => {
  const view = { ...emptyView('tiles'), filters: { health: ['Degraded'], project: ['shop'], sync: ['Synced'] } };
  const facets = {
    health: {
      values: [
        { value: 'Healthy', count: 7 },
        { value: 'Missing', count: 1 },
      ],
    },
    project: { values: [] },
  };
  const offers = without(view, facets);
  expect(offers.map(({ words, count }) => [words, count])).toEqual([['health Degraded', 8]]);
  expect(offers[0]?.next.filters).toEqual({ project: ['shop'], sync: ['Synced'] });
});
