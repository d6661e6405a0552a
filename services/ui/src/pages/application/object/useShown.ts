/** One object as the panel shows it: live, as Git wants it, and who is around it. */
import { useEffect, useMemo, useRef } from 'react';
import { useGet } from '@/api';
import type { ApiError } from '@/api/errors';
import type { Application, ManagedResourcesResponse, ResourceDiff } from '@/api/schema';
import { type JsonObject, parseObject, textAt } from '@/kubernetes/json';
import { isSame, type ObjectKey, versionOf } from '@/kubernetes/key';
import type { TreeNode } from '../model';
import { type Family, familyOf, keyOfNode } from './family';
import { below, named, narrowed, type Owner, ownerOf } from './requests';

export interface Shown {
  readonly application: Application;
  readonly owner: Owner;
  readonly key: ObjectKey;
  readonly version: string;
  readonly family: Family;
  /** null while it is read, and when there is none. */
  readonly live: JsonObject | null;
  /** What Git says; null when it says nothing of the object. */
  readonly desired: JsonObject | null;
  /** Both states of a managed object as they are compared. */
  readonly managed: ResourceDiff | null;
  readonly isManaged: boolean;
  /** Whether it was asked for the live object, whatever came of it. */
  readonly isRead: boolean;
  /** Whether it is known that there is no such object. */
  readonly isAbsent: boolean;
  readonly error: ApiError | null;
  readonly again: () => void;
}

export function useShown(application: Application, nodes: readonly TreeNode[], key: ObjectKey): Shown {
  const owner = useMemo(() => ownerOf(application), [application]);
  const family = useMemo(() => familyOf(key, nodes), [key, nodes]);
  const { node } = family;
  const status = application.status?.resources?.find((one) => isSame(keyOfNode(one), key));
  const version = node?.version ?? status?.version ?? '';
  const isManaged = node?.managed ?? status !== undefined;
  const read = useGet<{ manifest?: string }>(below(owner, 'resource'), named(owner, key, version));
  const states = useGet<ManagedResourcesResponse>(
    isManaged ? below(owner, 'managed-resources') : null,
    narrowed(owner, key),
  );
  const again = useAgain([read.refetch, states.refetch], `${node?.resourceVersion}/${node?.sync ?? status?.status}`);
  const live = useMemo(() => (read.error ? null : parseObject(read.data?.manifest)), [read.data, read.error]);
  const managed = states.data?.items?.find((one) => isSame(keyOfNode(one), key)) ?? null;
  const desired = useMemo(() => parseObject(managed?.targetState), [managed?.targetState]);
  return {
    application,
    owner,
    key,
    version: version || versionOf(textAt(live ?? undefined, 'apiVersion')).version,
    family,
    live,
    desired,
    managed,
    isManaged,
    isRead: read.isFetched,
    isAbsent: read.error?.status === 400 || read.error?.status === 404,
    error: read.error ?? states.error,
    again,
  };
}

type Ask = () => Promise<unknown>;

/** Asks anew when the tree says that the object is another; what it answers asks at once. */
function useAgain(asks: readonly Ask[], version: string): () => void {
  const latest = useRef(asks);
  latest.current = asks;
  const seen = useRef(version);
  const again = useRef(() => {
    for (const ask of latest.current) void ask();
  });
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    again.current();
  }, [version]);
  return again.current;
}
