import { expect, test } from 'vitest';
import { conditionsOf, managersOf } from './said';

test('managers are told by when they wrote last', () => {
  const manifest = {
    metadata: {
      managedFields: [
        { manager: 'old', operation: 'Update', time: '2026-01-01T00:00:00Z' },
        { manager: 'kubelet', operation: 'Update', subresource: 'status', time: '2026-01-03T00:00:00Z' },
        'nonsense',
      ],
    },
  };
  expect(managersOf(manifest).map((one) => one.name)).toEqual(['kubelet', 'old']);
  expect(managersOf(manifest)[0]?.subresource).toBe('status');
  expect(managersOf({})).toEqual([]);
});

test('conditions are told as they are, whatever is missing', () => {
  const manifest = { status: { conditions: [{ type: 'Ready', status: 'False', message: 'no' }, { type: 3 }] } };
  expect(conditionsOf(manifest)).toEqual([
    { type: 'Ready', status: 'False', reason: '', message: 'no', at: '' },
    { type: '', status: '', reason: '', message: '', at: '' },
  ]);
  expect(conditionsOf({ status: 'odd' })).toEqual([]);
});
