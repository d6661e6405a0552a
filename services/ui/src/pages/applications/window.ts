import type { ApplicationPage, ApplicationRow, Facets, WindowEvent } from './row';

/** The part of a list that is held: `items` are the applications from `offset` on, of `total`. */
export interface Listing {
  total: number;
  offset: number;
  items: readonly ApplicationRow[];
  facets: Facets;
}

/** The places of a list that are on the screen, `last` included. */
export interface Range {
  first: number;
  last: number;
}

/** The part of a list that is asked for. */
export interface Span {
  offset: number;
  limit: number;
}

/** Applications that are held: a screen and what is one flick away; the server follows at most 200. */
const HELD = 100;
const MAX_HELD = 200;
/** Windows begin at multiples of this, so that a little scrolling asks for nothing. */
const STEP = 20;

/** The window for what is on the screen: the present one as long as it does. */
export function spanFor(range: Range, present: Span): Span {
  const seen = range.last - range.first + 1;
  const limit = seen > HELD / 2 ? MAX_HELD : HELD;
  const margin = Math.max(0, Math.min(STEP, Math.floor((limit - seen - STEP) / 2)));
  const needed = { first: Math.max(0, range.first - margin), last: range.last + margin };
  const covers = needed.first >= present.offset && needed.last < present.offset + present.limit;
  if (covers && present.limit === limit) return present;
  const middle = (range.first + range.last) / 2;
  const offset = Math.max(0, Math.round((middle - limit / 2) / STEP) * STEP);
  return { offset, limit };
}

export function listingOf(page: ApplicationPage): Listing {
  return { total: page.total, offset: page.offset, items: page.items, facets: page.facets };
}

/**
 * What is held after an event of the window that begins at `offset`. A change of another window than the one
 * held tells nothing of it and leaves it as it is.
 */
export function reduceWindow(held: Listing | undefined, event: WindowEvent, offset: number): Listing | undefined {
  if (event.type === 'WINDOW') {
    return { total: event.total, offset, items: event.items ?? [], facets: event.facets ?? held?.facets ?? {} };
  }
  if (held === undefined || held.offset !== offset) return held;
  return {
    ...held,
    total: event.total,
    items: event.removed || event.rows ? changed(held.items, event) : held.items,
    facets: event.facets ?? held.facets,
  };
}

function changed(
  items: readonly ApplicationRow[],
  event: Extract<WindowEvent, { type: 'CHANGE' }>,
): readonly ApplicationRow[] {
  const removed = new Set(event.removed);
  const next = removed.size ? items.filter((row) => !removed.has(row.key)) : [...items];
  for (const { at, item } of event.rows ?? []) {
    next.splice(at, next[at]?.key === item.key ? 1 : 0, item);
  }
  return next;
}
