import { expect, test } from 'vitest';
import { duration, exactDuration, millisecondsOf, relative } from './time';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test('times of the API are read in each of their forms', () => {
  expect(millisecondsOf('2026-03-01T12:00:00Z')).toBe(NOW);
  expect(millisecondsOf(NOW / 1000)).toBe(NOW);
  expect(millisecondsOf(NOW)).toBe(NOW);
  for (const none of [null, undefined, '', 'yesterday', '0001-01-01T00:00:00Z'])
    expect(millisecondsOf(none)).toBeNull();
});

test('how long ago is said in one unit', () => {
  expect(relative(NOW, NOW + 900)).toBe('just now');
  expect(relative(NOW - 12_000, NOW)).toBe('12 s ago');
  expect(relative(NOW - 47 * 3_600_000, NOW)).toBe('47 h ago');
  expect(relative(NOW - 400 * 86_400_000, NOW)).toBe('400 d ago');
  expect(relative(NOW + 180_000, NOW)).toBe('in 3 min');
});

test('spans have the precision that matters', () => {
  expect(duration(340)).toBe('340 ms');
  expect(exactDuration(1_240)).toBe('1.2 s');
  expect(exactDuration(200_000)).toBe('3 min 20 s');
  expect(exactDuration(3_900_000)).toBe('1 h 5 min');
  expect(duration(-5)).toBe('0 ms');
});
