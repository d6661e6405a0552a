/**
 * Who is below whom, in one of the views: by owner, or by the way of the network.
 *
 * Invariant: each object has one place; what else leads to it is a `link`, drawn and never walked. A circle of
 * owners is cut where it closes, so that nothing is lost.
 */

import type { ResourceNetworkingInfo } from '@/api/schema';
import type { TreeObject } from '../model';
import { keyOf } from '../model';

export interface Forest {
  roots: string[];
  children: Map<string, string[]>;
  parents: Map<string, string>;
  links: [from: string, to: string][];
}

type Objects = ReadonlyMap<string, TreeObject>;

/** Kinds from the outside in, as people look for them; others follow by name. */
const ORDER = [
  'Address',
  'Namespace',
  'Application',
  'ApplicationSet',
  'Gateway',
  'Ingress',
  'HTTPRoute',
  'Service',
  'Rollout',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'ReplicaSet',
  'Pod',
];
const RANK = new Map(ORDER.map((kind, rank) => [kind, rank]));

/** In the order in which siblings stand: by kind, then by name; never by what may change by itself. */
export function byPlace(left: TreeObject, right: TreeObject): number {
  const rank = (RANK.get(left.kind) ?? ORDER.length) - (RANK.get(right.kind) ?? ORDER.length);
  if (rank) return rank;
  if (left.kind !== right.kind) return left.kind < right.kind ? -1 : 1;
  return byName(left, right);
}

function byName(left: TreeObject, right: TreeObject): number {
  if (left.namespace !== right.namespace) return left.namespace < right.namespace ? -1 : 1;
  if (left.name === right.name) return left.key < right.key ? -1 : 1;
  return left.name.localeCompare(right.name, 'en', { numeric: true });
}

/** By owner: what the application manages, and below each what it made. */
export function byOwner(objects: Objects): Forest {
  const edges: [string, string][] = [];
  for (const object of objects.values()) {
    for (const parent of object.node.parentRefs ?? []) {
      const key = keyOf(parent);
      if (key !== object.key && objects.has(key)) edges.push([key, object.key]);
    }
  }
  return grown(objects, edges);
}

export interface Network {
  /** What serves or is served, and the addresses that it is reached at. */
  objects: Objects;
  forest: Forest;
}

/** By network: the addresses outside, what lets traffic in, the services behind it, and the pods behind those. */
export function networkOf(objects: Objects): Network {
  const shown = new Map<string, TreeObject>();
  for (const [key, object] of objects) if (object.node.networkingInfo) shown.set(key, object);
  const edges: [string, string][] = [];
  const pods = podsByNamespace(shown.values());
  for (const object of [...shown.values()]) {
    const network = object.node.networkingInfo;
    for (const one of network?.ingress ?? []) {
      const outside = addressOf(one.hostname || one.ip || '');
      if (!outside) continue;
      shown.set(outside.key, outside);
      edges.push([outside.key, object.key]);
    }
    for (const target of network?.targetRefs ?? []) {
      const key = keyOf(target);
      if (shown.has(key) && key !== object.key) edges.push([object.key, key]);
    }
    for (const pod of selected(network, pods.get(object.namespace) ?? [])) {
      if (pod.key !== object.key) edges.push([object.key, pod.key]);
    }
  }
  return { objects: shown, forest: grown(shown, edges) };
}

/** The group of addresses, which are no objects of a cluster. */
const OUTSIDE = 'outside';

/** Whether it is an address, not an object of the cluster. */
export function isAddress(object: TreeObject): boolean {
  return object.group === OUTSIDE;
}

function addressOf(name: string): TreeObject | null {
  if (!name) return null;
  const named = { group: OUTSIDE, version: '', kind: 'Address', namespace: '', name };
  const key = keyOf(named);
  return {
    ...named,
    key,
    health: '',
    healthMessage: '',
    sync: '',
    ownSync: '',
    isManaged: false,
    isOrphan: false,
    isHook: false,
    requiresPruning: false,
    wave: 0,
    node: { key },
  };
}

function podsByNamespace(objects: Iterable<TreeObject>): Map<string, TreeObject[]> {
  const found = new Map<string, TreeObject[]>();
  for (const object of objects) {
    if (!object.node.networkingInfo?.labels) continue;
    const known = found.get(object.namespace);
    if (known) known.push(object);
    else found.set(object.namespace, [object]);
  }
  return found;
}

function selected(network: ResourceNetworkingInfo | undefined, pods: TreeObject[]): TreeObject[] {
  const wanted = Object.entries(network?.targetLabels ?? {});
  if (!wanted.length) return [];
  return pods.filter((pod) => {
    const labels = pod.node.networkingInfo?.labels ?? {};
    return wanted.every(([name, value]) => labels[name] === value);
  });
}

/** A forest of edges: each object hangs at the first that leads to it, other edges are links. */
function grown(objects: Objects, edges: [string, string][]): Forest {
  const leading = new Map<string, string[]>();
  const targets = new Set<string>();
  for (const [from, to] of edges) {
    const known = leading.get(from);
    if (known) known.push(to);
    else leading.set(from, [to]);
    targets.add(to);
  }
  const all = [...objects.values()].sort(byPlace);
  const forest: Forest = { roots: [], children: new Map(), parents: new Map(), links: [] };
  const placed = new Set<string>();
  for (const object of all) {
    if (!targets.has(object.key)) rooted(object.key);
  }
  for (const object of all) if (!placed.has(object.key)) rooted(object.key);
  for (const keys of forest.children.values()) keys.sort(place);
  return forest;

  function rooted(key: string): void {
    forest.roots.push(key);
    placed.add(key);
    const queue = [key];
    for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
      for (const to of leading.get(from) ?? []) {
        if (placed.has(to)) {
          if (forest.parents.get(to) !== from) forest.links.push([from, to]);
          continue;
        }
        placed.add(to);
        forest.parents.set(to, from);
        const known = forest.children.get(from);
        if (known) known.push(to);
        else forest.children.set(from, [to]);
        queue.push(to);
      }
    }
  }

  function place(left: string, right: string): number {
    const one = objects.get(left);
    const other = objects.get(right);
    return one && other ? byPlace(one, other) : 0;
  }
}
