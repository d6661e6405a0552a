import type { ApplicationRow } from './row';
import type { Listing } from './window';

/**
 * The order that rows keep while somebody points at one of them or has the keyboard on one: what changes in a
 * row is shown at once, what would move it waits. The order is of one window; another window has its own.
 */
export interface Held {
  offset: number;
  total: number;
  items: readonly ApplicationRow[];
}

/** A list as it is shown. */
export interface Arranged {
  offset: number;
  total: number;
  items: readonly ApplicationRow[];
  /** Keys of rows that are not in the list any more and keep their place for now. */
  gone: ReadonlySet<string>;
  /** Places at which the list is another by now. */
  waiting: number;
}

const NOTHING: ReadonlySet<string> = new Set();

export function hold(listing: Listing): Held {
  return { offset: listing.offset, total: listing.total, items: listing.items };
}

/** Whether an order is one of this window. */
export function isOf(held: Held | null, listing: Listing): held is Held {
  return held !== null && held.offset === listing.offset;
}

export function arrange(listing: Listing, held: Held | null): Arranged {
  if (!isOf(held, listing) || held.items === listing.items) {
    return { ...listing, gone: NOTHING, waiting: held && isOf(held, listing) ? late(listing, held) : 0 };
  }
  const now = new Map(listing.items.map((row) => [row.key, row]));
  const gone = new Set<string>();
  const items = held.items.map((row) => {
    const found = now.get(row.key);
    if (found === undefined) gone.add(row.key);
    return found ?? row;
  });
  return { offset: held.offset, total: held.total, items, gone, waiting: late(listing, held) };
}

function late(listing: Listing, held: Held): number {
  const length = Math.max(listing.items.length, held.items.length);
  let places = 0;
  for (let at = 0; at < length; at += 1) {
    if (listing.items[at]?.key !== held.items[at]?.key) places += 1;
  }
  return places || Math.abs(listing.total - held.total);
}

/** Places that a row moved by between two orders; 0 when it is not in both. */
export function moved(before: Arranged, now: Arranged, key: string): number {
  const was = before.items.findIndex((row) => row.key === key);
  const is = now.items.findIndex((row) => row.key === key);
  return was < 0 || is < 0 ? 0 : now.offset + is - (before.offset + was);
}
