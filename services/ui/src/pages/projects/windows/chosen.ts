/** Several sync windows at once: which are chosen, and what becomes of all of them together. */
import type { SyncWindow } from '../model';

/** A window by what it says: no two of a project say the same. */
export type Chosen = ReadonlySet<string>;

export function idOf(window: SyncWindow): string {
  return JSON.stringify(window);
}

/** Chosen windows that are still there; one that somebody changed meanwhile is not. */
export function stillThere(windows: readonly SyncWindow[], chosen: Chosen): Chosen {
  return new Set(windows.map(idOf).filter((id) => chosen.has(id)));
}

/** All windows, the chosen ones with other values; a value that is undefined stays as each window has it. */
export function changedAll(
  windows: readonly SyncWindow[],
  chosen: Chosen,
  change: { readonly [Field in keyof SyncWindow]?: SyncWindow[Field] | undefined },
): SyncWindow[] {
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return windows.map((window) => (chosen.has(idOf(window)) ? { ...window, ...said } : window));
}

export function without(windows: readonly SyncWindow[], chosen: Chosen): SyncWindow[] {
  return windows.filter((window) => !chosen.has(idOf(window)));
}
