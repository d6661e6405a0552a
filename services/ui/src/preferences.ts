/** What this browser remembers of its reader: the one module that touches localStorage. */
import { useCallback, useSyncExternalStore } from 'react';

const PREFIX = 'fairlead.';
const listeners = new Set<() => void>();
/** Kept where localStorage is closed to us, and so that a value keeps its identity between two looks. */
const seen = new Map<string, { text: string | null; value: unknown }>();

function stored(key: string): string | null {
  try {
    return window.localStorage.getItem(PREFIX + key);
  } catch {
    return seen.get(key)?.text ?? null;
  }
}

/** What is remembered; the fallback where nothing is, or something of another form. */
export function preference<T>(key: string, fallback: T): T {
  const value = read(key);
  const isOfForm =
    typeof value === typeof fallback && Array.isArray(value) === Array.isArray(fallback) && value !== null;
  return isOfForm ? (value as T) : fallback;
}

/** The value as it is remembered, the same object as long as it is the same text. */
function read(key: string): unknown {
  const text = stored(key);
  const known = seen.get(key);
  if (known !== undefined && known.text === text) return known.value;
  let value: unknown;
  try {
    value = text === null ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  seen.set(key, { text, value });
  return value;
}

export function setPreference<T>(key: string, value: T): void {
  const text = JSON.stringify(value);
  seen.set(key, { text, value });
  try {
    window.localStorage.setItem(PREFIX + key, text);
  } catch {
    // Full or closed: remembered for as long as the tab lives.
  }
  for (const listener of listeners) listener();
}

/** A remembered value and its setter, the same in every tab. Give a fallback that keeps its identity. */
export function usePreference<T>(key: string, fallback: T): [T, (value: T) => void] {
  const value = useSyncExternalStore(subscribe, () => preference(key, fallback));
  return [value, useCallback((next: T) => setPreference(key, next), [key])];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}
