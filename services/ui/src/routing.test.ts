import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { changed, useFields } from './routing';

test('a change sets, repeats and removes fields, and leaves the others', () => {
  const fields = changed(new URLSearchParams('proj=a&search=x'), {
    proj: ['b', 'c'],
    search: '',
    sync: 'Synced',
    gone: null,
  });
  expect(fields.toString()).toBe('proj=b&proj=c&sync=Synced');
});

test('fields are exactly what the URL says, percent signs too', () => {
  const hook = renderHook(() => useFields());
  act(() => hook.result.current[1]({ search: '50%25 & more' }));
  expect(hook.result.current[0].get('search')).toBe('50%25 & more');
  const steps = window.history.length;
  act(() => hook.result.current[1]({ search: 'a' }, { replace: true }));
  expect([hook.result.current[0].get('search'), window.history.length]).toEqual(['a', steps]);
});
