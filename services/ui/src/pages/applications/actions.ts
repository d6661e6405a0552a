import { createContext, useContext } from 'react';
import type { ApplicationRow } from './row';

/** What a row may ask of the page; the same object for as long as the page is there. */
export interface RowActions {
  /** Selects or lets go; `isRange` from the last one on. */
  select: (row: ApplicationRow, isRange: boolean) => void;
  star: (key: string) => void;
  /** Opens the menu of a row beside what was pressed. */
  menu: (row: ApplicationRow, beside: HTMLElement) => void;
}

export const RowActionsContext = createContext<RowActions | null>(null);

export function useRowActions(): RowActions {
  const actions = useContext(RowActionsContext);
  if (!actions) throw new Error('rows are shown outside a page of applications');
  return actions;
}
