import { useCallback, useMemo } from 'react';
import { usePreference } from '@/preferences';

/** A view that was given a name: the query of its address. */
export interface SavedView {
  name: string;
  query: string;
}

const NONE: readonly SavedView[] = [];
const MAX_NAME = 60;
/** Views that are kept. */
export const MAX_SAVED = 50;

export interface SavedViews {
  views: readonly SavedView[];
  save: (name: string, query: string) => void;
  remove: (name: string) => void;
}

/** The views that this reader saved, in this browser. */
export function useSavedViews(): SavedViews {
  const [stored, store] = usePreference<readonly SavedView[]>('views', NONE);
  const views = useMemo(() => stored.filter(isView), [stored]);
  const save = useCallback((name: string, query: string) => store(withView(views, name, query)), [views, store]);
  const remove = useCallback((name: string) => store(views.filter((one) => one.name !== name)), [views, store]);
  return { views, save, remove };
}

/** The views with one more; one of the same name is replaced where it is. */
export function withView(views: readonly SavedView[], name: string, query: string): readonly SavedView[] {
  const view = { name: name.trim().slice(0, MAX_NAME), query };
  if (!view.name) return views;
  if (views.some((one) => one.name === view.name)) return views.map((one) => (one.name === view.name ? view : one));
  return [...views, view].slice(-MAX_SAVED);
}

function isView(given: unknown): given is SavedView {
  const { name, query } = (given ?? {}) as Partial<SavedView>;
  return typeof name === 'string' && typeof query === 'string';
}
