import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onWake, SLEPT } from './awake';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a clock that jumped says that the machine slept, and since when', () => {
  const woken: number[] = [];
  const leave = onWake((since) => woken.push(since));
  const start = Date.now();
  vi.advanceTimersByTime(60_000);
  expect(woken).toEqual([]);
  vi.setSystemTime(start + 10 * 60_000);
  vi.advanceTimersByTime(2_000);
  expect(woken).toEqual([start + 60_000]);
  leave();
  vi.setSystemTime(start + 60 * 60_000);
  vi.advanceTimersByTime(SLEPT);
  expect(woken).toHaveLength(1);
});

test('a look that is late by a little is none', () => {
  const woken: number[] = [];
  const leave = onWake((since) => woken.push(since));
  vi.setSystemTime(Date.now() + SLEPT / 2);
  vi.advanceTimersByTime(2_000);
  expect(woken).toEqual([]);
  leave();
});
