import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { usePreference } from '@/preferences';
import { LAYOUTS, type Layout, MAX_SEARCH, readView, type View, writeView } from './view';

/** Milliseconds after the last key that the address says what was typed: browsers refuse more than a few a second. */
const WRITTEN = 300;

export interface Viewing {
  view: View;
  /** The query of the address that shows this view to anybody. */
  query: string;
  /** Another view; the browser's way back leads to this one. */
  go: (view: View) => void;
  /** A view that was saved, by the query of its address. */
  show: (query: string) => void;
  type: (search: string) => void;
}

/** The view that the address says, with what is typed and not yet in it. */
export function useView(): Viewing {
  const [path, navigate] = useLocation();
  const address = useSearch();
  const [preferred, prefer] = usePreference<string>('applications.layout', 'tiles');
  const layout = LAYOUTS.find((one) => one === preferred) ?? 'tiles';
  const said = useMemo(() => readView(address, layout), [address, layout]);
  const [typed, setTyped] = useState<string | null>(null);
  const view = useMemo(() => (typed === null ? said : { ...said, search: typed }), [said, typed]);
  const query = useMemo(() => writeView(view, address), [view, address]);

  const go = useCallback(
    (next: View) => {
      setTyped(null);
      prefer(next.layout satisfies Layout);
      navigate(`${path}?${writeView(next, address)}`);
    },
    [navigate, path, address, prefer],
  );
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      navigate(`${path}?${query}`, { replace: true });
      setTyped(null);
    }, WRITTEN);
    return () => clearTimeout(timer);
  }, [typed, navigate, path, query]);
  const type = useCallback((search: string) => setTyped(search.slice(0, MAX_SEARCH)), []);
  const show = useCallback((saved: string) => go(readView(saved, layout)), [go, layout]);
  return { view, query, go, show, type };
}
