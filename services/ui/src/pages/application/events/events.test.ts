import { expect, it } from 'vitest';
import { filteredEvents, rowsOf } from './events';

const ITEMS = [
  {
    metadata: { uid: 'a' },
    reason: 'OperationStarted',
    message: 'ann initiated sync',
    lastTimestamp: '2026-01-01T00:00:01Z',
    type: 'Normal',
  },
  {
    metadata: { uid: 'b' },
    reason: 'OperationCompleted',
    message: 'failed: boom',
    eventTime: '2026-01-01T00:00:05Z',
    type: 'Warning',
  },
  { metadata: { name: 'c' }, series: { count: 7, lastObservedTime: '2026-01-01T00:00:09Z' } },
];

it('tells events newest first, whatever form they have', () => {
  const rows = rowsOf(ITEMS);
  expect(rows.map((row) => row.key)).toEqual(['c', 'b', 'a']);
  expect(rows[0]).toMatchObject({ count: 7, type: 'Normal', message: '' });
  expect(rowsOf(undefined)).toEqual([]);
});

it('finds events by words and by their type', () => {
  const rows = rowsOf(ITEMS);
  expect(filteredEvents(rows, 'ANN sync', false).map((row) => row.key)).toEqual(['a']);
  expect(filteredEvents(rows, '', true).map((row) => row.key)).toEqual(['b']);
});
