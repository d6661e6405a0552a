import { expect, it } from 'vitest';
import { toggledIn } from './favourites';
import { MAX_SAVED, withView } from './saved';
import { MAX_VALUES } from './view';

it('a view keeps its place when it is saved again', () => {
  const views = withView(withView(withView([], 'mine', 'a=1'), 'other', 'b=1'), ' mine ', 'a=2');
  expect(views).toEqual([
    { name: 'mine', query: 'a=2' },
    { name: 'other', query: 'b=1' },
  ]);
  expect(withView(views, '   ', 'c=1')).toBe(views);
});

it('views and favourites are bounded, the oldest go', () => {
  let views = withView([], 'v0', '');
  for (let number = 1; number < MAX_SAVED + 5; number += 1) views = withView(views, `v${number}`, '');
  expect([views.length, views[0]?.name]).toEqual([MAX_SAVED, 'v5']);
  let keys: readonly string[] = [];
  for (let number = 0; number < MAX_VALUES + 1; number += 1) keys = toggledIn(keys, `ns/${number}`);
  expect([keys.length, keys[0]]).toEqual([MAX_VALUES, 'ns/1']);
  expect(toggledIn(keys, 'ns/1')).not.toContain('ns/1');
});
