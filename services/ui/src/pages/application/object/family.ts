/** The objects around one: what owns it, what it owns, and the pods below it. */
import type { ObjectKey } from '@/kubernetes/key';
import { isSame } from '@/kubernetes/key';
import { infoOf, type ObjectName, type TreeNode } from '../model';

export function keyOfNode(node: ObjectName): ObjectKey {
  return { group: node.group ?? '', kind: node.kind ?? '', namespace: node.namespace ?? '', name: node.name ?? '' };
}

export function isPod(key: ObjectKey): boolean {
  return key.group === '' && key.kind === 'Pod';
}

export interface Family {
  readonly node: TreeNode | null;
  readonly owners: readonly TreeNode[];
  readonly children: readonly TreeNode[];
  /** By name. */
  readonly pods: readonly TreeNode[];
}

/** Generations that are looked at: a Deployment's pods are two below it. */
const MAX_DEPTH = 16;

export function familyOf(key: ObjectKey, nodes: readonly TreeNode[]): Family {
  const node = nodes.find((one) => isSame(keyOfNode(one), key)) ?? null;
  if (!node) return { node, owners: [], children: [], pods: [] };
  const parents = (node.parentRefs ?? []).map((ref) => keyOfNode(ref));
  const owners = nodes.filter((one) => parents.some((parent) => isSame(parent, keyOfNode(one))));
  const below = descendants(node, childrenBy(nodes));
  const pods = [node, ...below].filter((one) => isPod(keyOfNode(one)));
  const children = below.filter((one) => (one.parentRefs ?? []).some((ref) => isSame(keyOfNode(ref), key)));
  return { node, owners, children, pods: pods.sort((one, other) => (one.name ?? '').localeCompare(other.name ?? '')) };
}

function path(key: ObjectKey): string {
  return `${key.group}/${key.kind}/${key.namespace}/${key.name}`;
}

function childrenBy(nodes: readonly TreeNode[]): Map<string, TreeNode[]> {
  const found = new Map<string, TreeNode[]>();
  for (const node of nodes) {
    for (const ref of node.parentRefs ?? []) {
      const parent = path(keyOfNode(ref));
      found.set(parent, [...(found.get(parent) ?? []), node]);
    }
  }
  return found;
}

function descendants(node: TreeNode, children: Map<string, TreeNode[]>): TreeNode[] {
  const seen = new Set<string>([path(keyOfNode(node))]);
  let level = [node];
  const found: TreeNode[] = [];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: TreeNode[] = [];
    for (const one of level.flatMap((parent) => children.get(path(keyOfNode(parent))) ?? [])) {
      const at = path(keyOfNode(one));
      if (seen.has(at)) continue;
      seen.add(at);
      next.push(one);
    }
    found.push(...next);
    level = next;
  }
  return found;
}

/** A pod's state in a word, as the controller puts it. */
export function stateOf(pod: TreeNode): string {
  return infoOf(pod, 'Status Reason') || pod.health?.status || '';
}
