/**
 * Why the application differs, asked for again whenever what the page follows says that it may differ otherwise.
 *
 * Invariant: it is asked for while the page is live only, one question at a time, and at most once in PACE; what was
 * answered last stays, and says since when it may be old.
 */

import { useEffect, useMemo, useRef } from 'react';
import { useGet, useLiveState } from '@/api';
import { byServer } from '@/api/clock';
import { wordsOf } from '@/api/errors';
import type { ExplainAnswer } from '@/api/schema';
import { named } from '../acts';
import { type Application, keyOf, type TreeNode } from '../model';
import type { View } from '../view';

/** Milliseconds between two questions, at least: each costs the cluster's API server a dry run per changed object. */
export const PACE = 2_000;

export interface Why {
  answer: ExplainAnswer | undefined;
  /** Why there is none, when there is none. */
  error: Error | null;
  isPending: boolean;
  isAsking: boolean;
  ask: () => void;
  /** Since when it may be old, in milliseconds since the epoch, and why; null while it is as it should be. */
  stale: { since: number; why: string } | null;
}

export function useWhy(application: Application, view: View): Why {
  const { name, appNamespace, project } = named(application);
  const live = useLiveState();
  const isLive = live.state === 'live' && !view.isDeleted;
  const { data, error, isPending, isFetching, dataUpdatedAt, refetch } = useGet<ExplainAnswer>(
    '/api/v1/explain',
    { application: name, appNamespace, project },
    { staleTime: 0 },
  );
  const differing = useMemo(() => stampOf(application, view.nodes), [application, view.nodes]);
  const stamp = `${isLive ? live.since : ''} ${view.problem} ${differing}`;
  const asked = useRef({ stamp, at: Date.now() });
  useEffect(() => {
    if (!isLive || isFetching || asked.current.stamp === stamp) return;
    const timer = setTimeout(
      () => {
        asked.current = { stamp, at: Date.now() };
        void refetch();
      },
      Math.max(0, asked.current.at + PACE - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [stamp, isLive, isFetching, refetch]);
  const trouble = error ? wordsOf(error) : view.problem || (isLive ? '' : 'the page is not live');
  return {
    answer: data,
    error,
    isPending,
    isAsking: isFetching,
    ask: () => void refetch(),
    stale: data && trouble ? { since: byServer(dataUpdatedAt), why: trouble } : null,
  };
}

/** What the differences depend on, as far as the page is told: Git's side, the rules, and each object that differs. */
export function stampOf(application: Application, nodes: ReadonlyMap<string, TreeNode>): string {
  const { sync, resources, reconciledAt } = application.status ?? {};
  const objects = (resources ?? [])
    .filter((one) => one.status !== 'Synced' && !one.hook)
    .map((one) => {
      const key = keyOf(one);
      return `${key} ${one.status ?? ''} ${nodes.get(key)?.resourceVersion ?? ''}`;
    });
  return JSON.stringify([sync?.status, sync?.revision, sync?.revisions, reconciledAt, application.spec, objects]);
}
