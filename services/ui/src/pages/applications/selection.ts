import type { ApplicationRow } from './row';

/** What is enough of an application to do something to it. */
export type Chosen = Pick<ApplicationRow, 'key' | 'name' | 'namespace' | 'project'>;

/**
 * What is selected: single applications, or all that a view means but some. It is of one view: of another view
 * "all" would be others.
 */
export type Selection =
  | { kind: 'some'; chosen: ReadonlyMap<string, Chosen> }
  | { kind: 'all'; total: number; but: ReadonlySet<string> };

export const NONE: Selection = { kind: 'some', chosen: new Map() };

export function all(total: number): Selection {
  return { kind: 'all', total, but: new Set() };
}

export function isSelected(selection: Selection, key: string): boolean {
  return selection.kind === 'some' ? selection.chosen.has(key) : !selection.but.has(key);
}

export function count(selection: Selection): number {
  return selection.kind === 'some' ? selection.chosen.size : Math.max(0, selection.total - selection.but.size);
}

export function toggle(selection: Selection, row: Chosen): Selection {
  return set(selection, [row], !isSelected(selection, row.key));
}

export function set(selection: Selection, rows: readonly Chosen[], isIn: boolean): Selection {
  if (selection.kind === 'all') {
    const but = new Set(selection.but);
    for (const { key } of rows) isIn ? but.delete(key) : but.add(key);
    return { ...selection, but };
  }
  const chosen = new Map(selection.chosen);
  for (const { key, name, namespace, project } of rows) {
    isIn ? chosen.set(key, { key, name, namespace, project }) : chosen.delete(key);
  }
  return { kind: 'some', chosen };
}

/** Selects from the row chosen last to this one, as far as they are held. */
export function extend(
  selection: Selection,
  items: readonly ApplicationRow[],
  from: string | null,
  to: ApplicationRow,
): Selection {
  const start = items.findIndex((row) => row.key === from);
  const end = items.findIndex((row) => row.key === to.key);
  if (start < 0 || end < 0) return set(selection, [to], true);
  return set(selection, items.slice(Math.min(start, end), Math.max(start, end) + 1), true);
}
