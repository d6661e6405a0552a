/** What is on the page and was asked for again in vain: it may be old, and whoever looks at it is told. */
import { notifyManager, type QueryCache, useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { ApiError } from './errors';

/** Milliseconds since the epoch at which the oldest of it was true; 0 where everything on the page is as it was asked for last. */
export function useStaleSince(): number {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((listener: () => void) => cache.subscribe(notifyManager.batchCalls(listener)), [cache]);
  return useSyncExternalStore(subscribe, () => staleSince(cache));
}

/** Of what somebody looks at, and nothing else. A refusal is an answer: only what may pass by itself leaves a page old. */
function staleSince(cache: QueryCache): number {
  const old = cache
    .getAll()
    .filter((query) => query.isActive() && query.state.data !== undefined)
    .filter(({ state }) => state.fetchStatus === 'paused' || isInVain(state.error))
    .map(({ state }) => state.dataUpdatedAt);
  return old.length === 0 ? 0 : Math.min(...old);
}

function isInVain(error: unknown): boolean {
  return error instanceof ApiError && error.isTransient;
}
