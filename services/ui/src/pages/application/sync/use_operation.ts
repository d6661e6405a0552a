/**
 * The operation that was asked for here, followed until it ends.
 *
 * An answer of the API is an Application with a resource version. What comes after it with a state of an operation
 * tells of ours, as starting one takes the last state away in the same write.
 */
import { useState } from 'react';
import { del, post, useGet, useSend } from '@/api';
import type { Application } from '@/api/schema';
import { type Operation, operationOf } from './operation';

export interface Followed {
  /** What is shown: ours while one was asked for here, else the application's last one. */
  operation: Operation | null;
  /** Asked for, and not yet taken up by the controller. */
  isWaiting: boolean;
  isOurs: boolean;
  error: Error | null;
  isAsking: boolean;
  ask: (path: string, body: unknown) => void;
  end: () => void;
  isEnding: boolean;
  forget: () => void;
}

export function useOperation(application: Application, isLive: boolean): Followed {
  const [since, setSince] = useState<string | null>(null);
  const name = application.metadata?.name ?? '';
  const namespace = application.metadata?.namespace ?? '';
  const project = application.spec?.project ?? 'default';
  const at = `/api/v1/applications/${encodeURIComponent(name)}`;
  const fallback = useGet<Application>(
    since !== null && !isLive ? at : null,
    { appNamespace: namespace, project },
    { refetchInterval: 2_000 },
  );
  const newest = newer(application, fallback.data);
  const asking = useSend(({ path, body }: { path: string; body: unknown }) => post<Application>(path, body), {
    invalidates: [at],
    onDone: (answer) => setSince(answer.metadata?.resourceVersion ?? ''),
  });
  const ending = useSend(() => del<unknown>(`${at}/operation`, { appNamespace: namespace, project }));
  const isThere = since === null || isAtLeast(newest.metadata?.resourceVersion, since);
  const operation = isThere ? operationOf(newest.status?.operationState) : null;
  return {
    operation,
    isWaiting: asking.isPending || (since !== null && operation === null),
    isOurs: since !== null,
    error: asking.error ?? ending.error,
    isAsking: asking.isPending,
    ask: (path, body) => asking.mutate({ path, body }),
    end: () => ending.mutate(undefined),
    isEnding: ending.isPending,
    forget: () => {
      setSince(null);
      asking.reset();
      ending.reset();
    },
  };
}

function newer(one: Application, other: Application | undefined): Application {
  return other && isAtLeast(other.metadata?.resourceVersion, one.metadata?.resourceVersion ?? '') ? other : one;
}

/** Whether a version is not older than another; versions of one object grow as numbers do. */
export function isAtLeast(version: string | undefined, than: string): boolean {
  if (!version) return false;
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return version === than;
  return version.length === than.length ? version >= than : version.length > than.length;
}
