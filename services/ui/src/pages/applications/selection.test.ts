import { expect, it } from 'vitest';
import { all, count, extend, isSelected, NONE, set, toggle } from './selection';

const rows = ['a', 'b', 'c', 'd'].map((name) => ({ key: name, name, namespace: 'argocd', project: 'p' }));
const [a, b, c, d] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];

it('an application is selected and let go', () => {
  const one = toggle(NONE, a);
  expect([count(one), isSelected(one, 'a'), isSelected(one, 'b')]).toEqual([1, true, false]);
  expect(count(toggle(one, a))).toBe(0);
  expect(count(NONE)).toBe(0);
});

it('a range is selected from the last one on, in either direction', () => {
  expect(count(extend(NONE, rows, 'b', d))).toBe(3);
  expect(count(extend(NONE, rows, 'd', b))).toBe(3);
  expect(count(extend(NONE, rows, 'elsewhere', b))).toBe(1);
  expect(count(extend(NONE, rows, null, b))).toBe(1);
});

it('all may be selected but some, however many there are', () => {
  const most = toggle(all(10_000), c);
  expect([count(most), isSelected(most, 'c'), isSelected(most, 'a')]).toEqual([9_999, false, true]);
  expect(count(set(most, [c], true))).toBe(10_000);
});
