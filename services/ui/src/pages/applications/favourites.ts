import { useCallback, useMemo } from 'react';
import { usePreference } from '@/preferences';
import { MAX_VALUES } from './view';

const NOBODY: readonly string[] = [];

export interface Favourites {
  keys: readonly string[];
  has: (key: string) => boolean;
  toggle: (key: string) => void;
}

/** The applications that this reader marked, in this browser; the oldest goes when there are too many to ask for. */
export function useFavourites(): Favourites {
  const [stored, store] = usePreference<readonly string[]>('favourites', NOBODY);
  const keys = useMemo(() => stored.filter((key) => typeof key === 'string'), [stored]);
  const known = useMemo(() => new Set(keys), [keys]);
  const toggle = useCallback((key: string) => store(toggledIn(keys, key)), [keys, store]);
  return { keys, has: useCallback((key) => known.has(key), [known]), toggle };
}

export function toggledIn(keys: readonly string[], key: string): readonly string[] {
  return keys.includes(key) ? keys.filter((one) => one !== key) : [...keys, key].slice(-MAX_VALUES);
}
