import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { preference, setPreference, usePreference } from './preferences';

const NONE: string[] = [];

test('what is remembered is the same everywhere in the page, and keeps its identity', () => {
  const one = renderHook(() => usePreference('favourites', NONE));
  const other = renderHook(() => usePreference('favourites', NONE));
  act(() => one.result.current[1](['argocd/shop']));
  expect(other.result.current[0]).toEqual(['argocd/shop']);
  expect(preference('favourites', NONE)).toBe(preference('favourites', NONE));
});

test('nonsense, or a value of another form, counts as nothing', () => {
  window.localStorage.setItem('fairlead.favourites', '{broken');
  expect(preference('favourites', NONE)).toBe(NONE);
  setPreference('favourites', 'a string');
  expect(preference('favourites', NONE)).toBe(NONE);
});
