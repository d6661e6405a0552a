/**
 * How much an object asks to be looked at.
 *
 * Invariant: what is quiet may be gathered with others like it; what is not is never hidden behind a count of
 * quiet ones.
 */

import type { HealthCode, SyncCode, TreeObject } from '../model';

const HEALTH: Record<HealthCode, number> = {
  '': 0,
  Healthy: 0,
  Suspended: 1,
  Progressing: 3,
  Unknown: 4,
  Missing: 5,
  Degraded: 6,
};

const SYNC: Record<SyncCode, number> = { '': 0, Synced: 0, OutOfSync: 2, Unknown: 2 };

/** From 0 (nothing to say) up; the worse of health and sync, and a prune that is due. */
export function troubleOf(object: Pick<TreeObject, 'health' | 'sync' | 'requiresPruning'>): number {
  const prune = object.requiresPruning ? 2 : 0;
  return Math.max(HEALTH[object.health], SYNC[object.sync], prune);
}

/** The object that makes an application as healthy as it is: the first of those that Git has, else any. */
export function worstOf(objects: Iterable<TreeObject>, health: HealthCode): TreeObject | null {
  let found: TreeObject | null = null;
  for (const object of objects) {
    if (object.health !== health || object.isOrphan) continue;
    if (object.isManaged) return object;
    found ??= object;
  }
  return found;
}

/** Whether nothing about it needs a person. */
export function isQuiet(object: Pick<TreeObject, 'health' | 'sync' | 'requiresPruning'>): boolean {
  return troubleOf(object) <= 1;
}

/** What objects have to have in common to be gathered in one pile. */
export function stateOf(object: TreeObject): string {
  const sync = object.sync === 'OutOfSync' || object.sync === 'Unknown' ? object.sync : '';
  const health = object.health === 'Healthy' ? '' : object.health;
  return isQuiet(object) ? '' : `${health}/${sync}/${object.requiresPruning ? 'prune' : ''}`;
}
