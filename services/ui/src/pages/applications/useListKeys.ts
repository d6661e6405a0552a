import type { RefObject } from 'react';
import { useKeys } from '@/components';
import type { Action } from './bulk/actions';
import type { ListHandle } from './List';
import type { ApplicationRow } from './row';

interface Doing {
  list: RefObject<ListHandle | null>;
  search: RefObject<HTMLInputElement | null>;
  /** The place that has the keyboard, and its application; -1 before one has. */
  cursor: number;
  row: ApplicationRow | undefined;
  total: number;
  select: (row: ApplicationRow, isRange: boolean) => void;
  selectAll: () => void;
  star: (key: string) => void;
  act: (action: Action) => void;
  apply: () => void;
  /** Takes back the innermost: selection, then the place in the list. */
  escape: () => void;
}

/** What the keyboard does on the page of applications. */
export function useListKeys(doing: Doing): void {
  const { list, cursor, row, total } = doing;
  const columns = () => list.current?.columns() ?? 1;
  const to = (place: number) => {
    if (total > 0) list.current?.focus(Math.max(0, Math.min(total - 1, place)));
  };
  const by = (step: number) => to(cursor < 0 ? 0 : cursor + step);
  const withRow = (act: (row: ApplicationRow) => void) => () => row && act(row);
  const range = (step: number) => () => {
    if (row) doing.select(row, true);
    by(step);
  };
  useKeys(
    {
      '/': { label: 'Search', run: () => doing.search.current?.focus() },
      j: { label: 'Next application', run: () => by(1) },
      k: { label: 'Previous application', run: () => by(-1) },
      ArrowDown: { label: 'Down', run: () => by(columns()) },
      ArrowUp: { label: 'Up', run: () => by(-columns()) },
      ArrowRight: { label: 'Right', run: () => by(1) },
      ArrowLeft: { label: 'Left', run: () => by(-1) },
      Home: { label: 'First application', run: () => to(0) },
      End: { label: 'Last application', run: () => to(total - 1) },
      x: { label: 'Select it', run: withRow((one) => doing.select(one, false)) },
      J: { label: 'Select it and go on', run: range(1) },
      K: { label: 'Select it and go back', run: range(-1) },
      '*': { label: 'Select all of this view', run: doing.selectAll },
      f: { label: 'Make it a favourite, or not', run: withRow((one) => doing.star(one.key)) },
      s: { label: 'Sync what is selected', run: () => doing.act('sync') },
      r: { label: 'Refresh what is selected', run: () => doing.act('refresh') },
      '.': { label: 'Show the newest order', run: doing.apply },
      Escape: { label: 'Select nothing; leave the list', run: doing.escape },
    },
    'Applications',
  );
}
