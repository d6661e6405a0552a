/**
 * Pods in groups: by the node that runs them, or by what they belong to.
 *
 * Invariant: each pod of the application is in one group; one that no node runs yet is in a group that says so.
 */

import { type Host, infoOf, type TreeObject } from '../model';
import type { Forest } from './forest';
import { troubleOf } from './trouble';

export type PodSort = 'node' | 'parentResource' | 'topLevelResource';

export const SORTS: readonly { value: PodSort; label: string }[] = [
  { value: 'node', label: 'Node' },
  { value: 'parentResource', label: 'Parent' },
  { value: 'topLevelResource', label: 'Workload' },
];

export interface PodGroup {
  id: string;
  title: string;
  kind: string;
  pods: TreeObject[];
  troubled: number;
  host: Host | null;
  /** The object that the pods belong to; null for a node of the cluster. */
  owner: TreeObject | null;
}

export const NOWHERE = 'not on a node yet';

/** The groups, those with trouble first, then by name. */
export function podGroups(
  objects: ReadonlyMap<string, TreeObject>,
  forest: Forest,
  hosts: readonly Host[],
  sort: PodSort,
): PodGroup[] {
  const groups = new Map<string, PodGroup>();
  for (const object of objects.values()) {
    if (object.kind !== 'Pod' || object.group) continue;
    const group = groupOf(object);
    const known = groups.get(group.id);
    if (known) known.pods.push(object);
    else groups.set(group.id, { ...group, pods: [object] });
  }
  for (const group of groups.values()) {
    group.pods.sort((left, right) => troubleOf(right) - troubleOf(left) || (left.name < right.name ? -1 : 1));
    group.troubled = group.pods.filter((pod) => troubleOf(pod) > 1).length;
  }
  return [...groups.values()].sort(
    (left, right) => right.troubled - left.troubled || left.title.localeCompare(right.title, 'en', { numeric: true }),
  );

  function groupOf(pod: TreeObject): PodGroup {
    if (sort === 'node') {
      const node = infoOf(pod.node, 'Node');
      const host = hosts.find((one) => one.name === node) ?? null;
      return { ...EMPTY, id: `node:${node}`, title: node || NOWHERE, kind: node ? 'Node' : '', host };
    }
    const key = sort === 'parentResource' ? forest.parents.get(pod.key) : topOf(pod.key);
    const owner = objects.get(key ?? pod.key) ?? pod;
    return { ...EMPTY, id: owner.key, title: owner.name, kind: owner.kind, owner };
  }

  function topOf(key: string): string {
    let at = key;
    for (let up = forest.parents.get(at); up !== undefined; up = forest.parents.get(at)) at = up;
    return at;
  }
}

const EMPTY = { pods: [], troubled: 0, host: null, owner: null };

export interface Use {
  name: string;
  mine: number;
  others: number;
  capacity: number;
}

/** What is asked of a node's resources, as parts of what it has (0 to 1 each). */
export function usesOf(host: Host): Use[] {
  return (host.resourcesInfo ?? [])
    .filter((one) => Number(one.capacity) > 0)
    .map((one) => {
      const capacity = Number(one.capacity);
      const mine = Math.min(1, Number(one.requestedByApp ?? 0) / capacity);
      const others = Math.min(1 - mine, Number(one.requestedByNeighbors ?? 0) / capacity);
      return { name: one.resourceName ?? '', mine, others, capacity };
    });
}
