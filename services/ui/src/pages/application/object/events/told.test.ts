import { expect, test } from 'vitest';
import { toldOf } from './told';

test('events are told newest first, by whichever time they have', () => {
  const items = [
    { metadata: { uid: 'a' }, type: 'Normal', reason: 'Old', lastTimestamp: '2026-01-01T00:00:00Z', count: 3 },
    {
      metadata: { uid: 'b' },
      type: 'Warning',
      reason: 'New',
      eventTime: '2026-01-02T00:00:00.123456Z',
      lastTimestamp: null,
    },
    {
      metadata: { uid: 'c' },
      reason: 'Series',
      lastTimestamp: '2025-01-01T00:00:00Z',
      series: { count: 7, lastObservedTime: '2026-01-03T00:00:00Z' },
    },
  ];
  const told = toldOf({ items } as never);
  expect(told.map((one) => [one.reason, one.count, one.isWarning])).toEqual([
    ['Series', 7, false],
    ['New', 1, true],
    ['Old', 3, false],
  ]);
});

test('no events are none', () => {
  expect(toldOf({})).toEqual([]);
});
