import { expect, test } from 'vitest';
import type { Step } from '@/api/schema';
import { stretches, wayWords } from './stretches';

const step = (name: Step['name'], milliseconds: number): Step => ({ name, at: '2030-01-01T00:00:00Z', milliseconds });

test('a way has a stretch for each step, as long as what it took', () => {
  const way = stretches({
    kind: 'commit',
    status: 'done',
    steps: [step('detected', 12), step('rendered', 80), step('healthy', 40_000)],
  });
  const shares = way.map((one) => one.share);
  expect(shares[0]).toBeLessThan(shares[1] ?? 0);
  expect(shares[1]).toBeLessThan(shares[2] ?? 0);
  expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(100, 0);
});

test('what is still to come is drawn as such', () => {
  const way = stretches({ kind: 'commit', status: 'running', steps: [step('pushed', 0), step('detected', 12)] });
  expect(way.map((one) => one.isDone)).toEqual([true, true, false, false, false, false, false]);
  expect(wayWords(way.slice(1, 3), (ms) => `${ms} ms`)).toBe('detected after 12 ms, rendered to come');
});

test('a drift has no steps to come', () => {
  expect(stretches({ kind: 'drift', status: 'running', steps: [] })).toEqual([]);
});
