/**
 * Applications that an application made: how each of them fares, which the tree of their parent does not say.
 *
 * Invariant: it is asked for where there are such only, and those of the control plane's own cluster alone: elsewhere the
 * same name is another application.
 */

import { useMemo } from 'react';
import { useGet } from '@/api';
import type { ApplicationPage, ApplicationRow } from '@/api/schema';
import { type Application, healthOf, syncOf, type TreeObject } from './model';

export const IN_CLUSTER = 'https://kubernetes.default.svc';
/** Of how many it is asked. */
const MOST = 200;
/** Milliseconds after which it is asked again. */
const AGAIN = 5_000;

/** Whether an object is an application that has a page here. */
export function isChild(object: TreeObject, application: Application): boolean {
  const { server, name } = application.spec?.destination ?? {};
  const isHere = server === IN_CLUSTER || name === 'in-cluster';
  return isHere && object.group === 'argoproj.io' && object.kind === 'Application';
}

/** The objects, with how those fare that are applications. */
export function useChildren(
  application: Application,
  objects: ReadonlyMap<string, TreeObject>,
  isLive: boolean,
): ReadonlyMap<string, TreeObject> {
  const keys = useMemo(
    () =>
      [...objects.values()]
        .filter((one) => isChild(one, application))
        .slice(0, MOST)
        .map((one) => `${one.namespace}/${one.name}`)
        .sort(),
    [objects, application],
  );
  const { data } = useGet<ApplicationPage>(
    keys.length ? '/api/v1/search/applications' : null,
    { keys, limit: MOST, facets: 'none' },
    { refetchInterval: isLive ? AGAIN : false, placeholderData: (before) => before },
  );
  const rows = data?.items;
  return useMemo(() => withStates(application, objects, rows ?? []), [application, objects, rows]);
}

/** Each application among the objects with its own state; the same map where there is none. */
export function withStates(
  application: Application,
  objects: ReadonlyMap<string, TreeObject>,
  rows: readonly ApplicationRow[],
): ReadonlyMap<string, TreeObject> {
  if (!rows.length) return objects;
  const known = new Map(rows.map((row) => [`${row.namespace}/${row.name}`, row]));
  const found = new Map(objects);
  for (const [key, object] of objects) {
    const row = isChild(object, application) ? known.get(`${object.namespace}/${object.name}`) : undefined;
    if (!row) continue;
    const hasHealth = object.health !== '';
    found.set(key, {
      ...object,
      health: hasHealth ? object.health : healthOf(row.health),
      healthMessage: hasHealth ? object.healthMessage : (row.healthMessage ?? ''),
      ownSync: syncOf(row.sync),
    });
  }
  return found;
}
