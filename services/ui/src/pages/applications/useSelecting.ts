import { useCallback, useMemo, useRef, useState } from 'react';
import type { Arranged } from './held';
import type { ApplicationRow } from './row';
import { all, count, extend, isSelected, NONE, type Selection, toggle } from './selection';

export interface Selecting {
  selection: Selection;
  selected: number;
  has: (key: string) => boolean;
  select: (row: ApplicationRow, isRange: boolean) => void;
  selectAll: () => void;
  clear: () => void;
}

/** What is selected of the list on the screen. "All" is of one question and ends with it. */
export function useSelecting(question: unknown, arranged: Arranged): Selecting {
  const [selection, setSelection] = useState<Selection>(NONE);
  const [asked, setAsked] = useState(question);
  if (asked !== question) {
    setAsked(question);
    if (selection.kind === 'all') setSelection(NONE);
  }
  const items = useRef(arranged.items);
  items.current = arranged.items;
  const last = useRef<string | null>(null);
  const select = useCallback((row: ApplicationRow, isRange: boolean) => {
    const from = last.current;
    last.current = row.key;
    setSelection((now) => (isRange ? extend(now, items.current, from, row) : toggle(now, row)));
  }, []);
  const { total } = arranged;
  // A list that is followed grows and shrinks: "all" are as many as there are now.
  const current = useMemo(() => (selection.kind === 'all' ? { ...selection, total } : selection), [selection, total]);
  return {
    selection: current,
    selected: count(current),
    has: useCallback((key) => isSelected(current, key), [current]),
    select,
    selectAll: useCallback(() => setSelection(all(total)), [total]),
    clear: useCallback(() => setSelection(NONE), []),
  };
}
