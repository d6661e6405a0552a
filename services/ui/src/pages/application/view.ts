/**
 * What the one stream of the page told so far.
 *
 * Invariant: a value is never changed, only replaced; what did not change keeps its identity, so that what is
 * drawn from it is not drawn again.
 */

import type { ApplicationTree, CloudEvent, Outlook, ViewEvent } from '@/api/schema';
import type { Application, Host, TreeNode } from './model';
import { keyOf } from './model';

export interface View {
  application: Application | null;
  nodes: ReadonlyMap<string, TreeNode>;
  orphans: readonly TreeNode[];
  hosts: readonly Host[];
  hasTree: boolean;
  /** What it waits for, and what a person is asked. */
  outlook: Outlook;
  /** Why the tree cannot be told now, in the server's words. */
  problem: string;
  isDeleted: boolean;
  /** The last event of the public stream; another one each time. */
  event: CloudEvent | null;
  /** How often the tree was told whole, as a stream begins: of what happened before, no event may ever come. */
  beginnings: number;
}

export const NOTHING: View = {
  application: null,
  nodes: new Map(),
  orphans: [],
  hosts: [],
  hasTree: false,
  outlook: {},
  problem: '',
  isDeleted: false,
  event: null,
  beginnings: 0,
};

/** The tree in the form of Argo CD's API. */
export function treeOf({ nodes, orphans, hosts }: Pick<View, 'nodes' | 'orphans' | 'hosts'>): ApplicationTree {
  return { nodes: [...nodes.values()], orphanedNodes: [...orphans], hosts: [...hosts] } as ApplicationTree;
}

/** The view after one more event. */
export function after(view: View, told: ViewEvent): View {
  switch (told.type) {
    case 'APPLICATION':
      return told.application ? { ...view, application: told.application, isDeleted: false } : view;
    case 'DELETED':
      return { ...view, isDeleted: true };
    case 'EVENT':
      return { ...view, event: told.event ?? null };
    case 'WAITING':
      return { ...view, outlook: told.outlook ?? {} };
    case 'TREE':
      return {
        ...view,
        nodes: nodesAfter(view.nodes, told),
        orphans: told.orphans ?? (told.whole ? [] : view.orphans),
        hosts: told.hosts ?? (told.whole ? [] : view.hosts),
        hasTree: view.hasTree || told.whole === true || !told.problem,
        problem: told.problem ?? '',
        beginnings: view.beginnings + (told.whole ? 1 : 0),
      };
    default:
      return view;
  }
}

function nodesAfter(before: ReadonlyMap<string, TreeNode>, told: ViewEvent): ReadonlyMap<string, TreeNode> {
  if (!told.whole && !told.nodes?.length && !told.removed?.length) return before;
  const nodes = new Map(told.whole ? [] : before);
  for (const key of told.removed ?? []) nodes.delete(key);
  for (const node of told.nodes ?? []) nodes.set(keyOf(node), node);
  return nodes;
}
