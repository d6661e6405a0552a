/**
 * What of the page stands in its address.
 *
 * Invariant: a link says what is looked at, in Argo CD's own words where it has them; what nobody understands
 * shows the page as it opens by itself.
 */

import { type Application, keyOf, type ObjectName } from './model';

export const VIEWS = ['tree', 'pods', 'network', 'list'] as const;
export type ViewName = (typeof VIEWS)[number];

/** The view that the address or the application's own wish names; else a list where a tree has no room. */
export function viewOf(said: string | null, wished: string, isNarrow: boolean): ViewName {
  return VIEWS.find((one) => one === said) ?? VIEWS.find((one) => one === wished) ?? (isNarrow ? 'list' : 'tree');
}

/** `group/Kind/namespace/name/0`: the parameter `node` of an object. */
export function nodeParameter(object: ObjectName): string {
  return `${keyOf(object)}/0`;
}

/** The parameter `node` of the application itself, which opens its details. */
export function applicationParameter(application: Application): string {
  return nodeParameter({
    group: 'argoproj.io',
    kind: 'Application',
    namespace: application.metadata?.namespace ?? '',
    name: application.metadata?.name ?? '',
  });
}

/** The key of the object that the parameter `node` names, or null. */
export function keyIn(parameter: string | null): string | null {
  const parts = (parameter ?? '').split('/');
  if (parts.length < 4) return null;
  return parts.slice(0, 4).join('/');
}

/** The fields of everything that opens beside the page: one at a time. */
export const CLOSED = {
  node: null,
  tab: null,
  deploy: null,
  rollback: null,
  operation: null,
  conditions: null,
  story: null,
  why: null,
  extension: null,
} as const;
