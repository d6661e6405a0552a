/** THE stream of this tab: the page on screen declares it, the top bar shows how it stands. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Query } from './client';
import { queryString } from './client';
import type { ApiError } from './errors';
import { openStream, type StreamState } from './stream';

export interface LiveState {
  /** `none`: the page needs no stream; `stale`: cut for so long that what is shown may be old. */
  state: 'none' | 'connecting' | 'live' | 'reconnecting' | 'paused' | 'stale' | 'refused';
  /** Milliseconds since the epoch: since when it is live, or until when what is shown was true. */
  since: number;
  error: ApiError | null;
}

/** Milliseconds of reconnecting after which what is shown counts as stale. */
export const STALE_AFTER = 5_000;

/** Milliseconds in which the next stream of a page takes over the state of the one before: another window, another filter. */
export const SUCCESSION = 1_000;

const NONE: LiveState = { state: 'none', since: 0, error: null };
let live: LiveState = NONE;
let staleTimer: ReturnType<typeof setTimeout> | undefined;
let leaveTimer: ReturnType<typeof setTimeout> | undefined;
let open = 0;
const listeners = new Set<() => void>();

function become(next: LiveState): void {
  live = next;
  for (const listener of listeners) listener();
}

function follow(state: StreamState, error: ApiError | null, heard?: number): void {
  const now = Date.now();
  const wasLive = live.state === 'live';
  const lastTrue = wasLive ? (heard ?? now) : live.since;
  if (state === 'connecting' && wasLive) {
    clearTimeout(leaveTimer);
    leaveTimer = setTimeout(() => {
      if (live.state === 'live') become({ state: 'connecting', since: now, error: null });
    }, SUCCESSION);
  } else if (state === 'live') {
    clearTimeout(leaveTimer);
    clearTimeout(staleTimer);
    become({ state: 'live', since: now, error: null });
  } else if (state === 'reconnecting') {
    clearTimeout(leaveTimer);
    if (live.state === 'stale') return;
    become({ state: 'reconnecting', since: lastTrue || now, error });
    if (staleTimer === undefined || wasLive) {
      clearTimeout(staleTimer);
      staleTimer = setTimeout(() => {
        if (live.state === 'reconnecting') become({ ...live, state: 'stale' });
      }, STALE_AFTER);
    }
  } else if (state !== 'ended') {
    clearTimeout(leaveTimer);
    become({ state, since: lastTrue || now, error });
  }
}

function leave(): void {
  open -= 1;
  if (open > 0) return;
  clearTimeout(staleTimer);
  staleTimer = undefined;
  clearTimeout(leaveTimer);
  leaveTimer = setTimeout(() => become(NONE), SUCCESSION);
}

/**
 * Follow a stream while the component is there. `onEvent` may be a new function on each render; another path or query is
 * another stream. A null path follows nothing.
 */
export function useLive<T>(path: string | null, query: Query, onEvent: (event: T) => void): void {
  const latest = useRef(onEvent);
  useEffect(() => {
    latest.current = onEvent;
  });
  const fields = queryString(query);
  const asked = useRef(query);
  asked.current = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `fields` stands for the query, which is a new object each time.
  useEffect(() => {
    if (path === null) return;
    open += 1;
    const stream = openStream<T>(path, asked.current, {
      onEvent: (event) => latest.current(event),
      onState: follow,
    });
    return () => {
      stream.close();
      leave();
    };
  }, [path, fields]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribe, () => live);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
