import { expect, test } from 'vitest';
import { absentNamespace, CREATES } from './namespace';
import { operationOf } from './operation';

const failed = operationOf({
  phase: 'Failed',
  message: 'one or more objects failed to apply, reason: namespaces "shop" not found',
});

test('the namespace that a failed sync did not find is named', () => {
  expect(absentNamespace(failed, [])).toBe('shop');
});

test('nothing is offered while it runs, where it would be created, or where it was something else', () => {
  expect(absentNamespace(failed, [CREATES])).toBe('');
  expect(absentNamespace(operationOf({ phase: 'Running', message: 'namespaces "shop" not found' }), [])).toBe('');
  expect(absentNamespace(operationOf({ phase: 'Failed', message: 'denied' }), [])).toBe('');
  expect(absentNamespace(null, [])).toBe('');
});
