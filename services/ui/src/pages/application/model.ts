/**
 * What the page knows of one application: the object itself and its tree, joined by the identity of each object.
 *
 * Invariant: an object is there once, by group, kind, namespace and name; what the server leaves out is empty.
 */

import type {
  Application,
  ApplicationSource,
  ResourceStatus,
  SourceHydrator,
  ViewNode as TreeNode,
} from '@/api/schema';

export type SyncCode = '' | 'Synced' | 'OutOfSync' | 'Unknown';
export type HealthCode = '' | 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown';

export type {
  Application,
  ApplicationSource as Source,
  HostInfo as Host,
  OperationState,
  ResourceResult,
  ResourceStatus,
  /** A node of the resource tree, with what the application's status says of it. */
  ViewNode as TreeNode,
} from '@/api/schema';

export interface ObjectName {
  group?: string;
  version?: string;
  kind?: string;
  namespace?: string;
  name?: string;
}

/** One object of the page: what the tree, the application's status and its place say together. */
export interface TreeObject {
  key: string;
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  health: HealthCode;
  healthMessage: string;
  sync: SyncCode;
  /** Of an application that is an object of this one: how it stands with Git itself. */
  ownSync: SyncCode;
  isManaged: boolean;
  isOrphan: boolean;
  isHook: boolean;
  requiresPruning: boolean;
  wave: number;
  node: TreeNode;
}

/** The ApplicationSet that an application is of; `''` where none is its controller. */
export function setOf({ metadata }: Application): string {
  const owners = metadata?.ownerReferences ?? [];
  return owners.find(({ kind, controller }) => kind === 'ApplicationSet' && controller)?.name ?? '';
}

/** `group/Kind/namespace/name`: the identity by which the page joins what it is told. */
export function keyOf(object: ObjectName): string {
  return `${object.group ?? ''}/${object.kind ?? ''}/${object.namespace ?? ''}/${object.name ?? ''}`;
}

const HEALTH: readonly HealthCode[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];
const SYNC: readonly SyncCode[] = ['Synced', 'OutOfSync', 'Unknown'];

/** A health as one of those that are known; a word that is not known is Unknown, none is none. */
export function healthOf(text: string | undefined): HealthCode {
  if (!text) return '';
  return HEALTH.find((code) => code === text) ?? 'Unknown';
}

/** A sync status as one of those that are known. */
export function syncOf(text: string | undefined): SyncCode {
  if (!text) return '';
  return SYNC.find((code) => code === text) ?? 'Unknown';
}

/** All objects of the page by key: those of the tree and the orphans, with what the status says of them. */
export function joined(
  application: Application,
  nodes: Iterable<TreeNode>,
  orphans: Iterable<TreeNode>,
): Map<string, TreeObject> {
  const statuses = new Map<string, ResourceStatus>();
  for (const status of application.status?.resources ?? []) statuses.set(keyOf(status), status);
  const objects = new Map<string, TreeObject>();
  for (const node of nodes) {
    const key = keyOf(node);
    objects.set(key, object(key, node, statuses.get(key), false));
    statuses.delete(key);
  }
  for (const [key, status] of statuses) {
    if (!objects.has(key)) objects.set(key, object(key, bare(key, status), status, false));
  }
  for (const node of orphans) {
    const key = keyOf(node);
    if (!objects.has(key)) objects.set(key, object(key, node, undefined, true));
  }
  return objects;
}

function object(key: string, node: TreeNode, status: ResourceStatus | undefined, isOrphan: boolean): TreeObject {
  const health = node.health?.status ? node.health : status?.health;
  return {
    key,
    group: node.group ?? '',
    version: node.version ?? '',
    kind: node.kind ?? '',
    namespace: node.namespace ?? '',
    name: node.name ?? '',
    health: healthOf(health?.status),
    healthMessage: health?.message ?? '',
    sync: syncOf(node.managed === undefined ? status?.status : node.sync),
    ownSync: '',
    isManaged: node.managed ?? status !== undefined,
    isOrphan,
    isHook: node.hook ?? status?.hook ?? false,
    requiresPruning: node.requiresPruning ?? status?.requiresPruning ?? false,
    wave: Number(node.syncWave ?? status?.syncWave ?? 0),
    node,
  };
}

function bare(key: string, status: ResourceStatus): TreeNode {
  const { group, version, kind, namespace, name } = status;
  return {
    key,
    ...(group ? { group } : {}),
    ...(version ? { version } : {}),
    ...(kind ? { kind } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}

/** The `value` of one of the things that a node says of itself. */
export function infoOf(node: TreeNode, name: string): string {
  return node.info?.find((item) => item.name === name)?.value ?? '';
}

/** The sources of an application, in the order in which its revisions are told. */
export function sourcesOf(application: Application): ApplicationSource[] {
  const spec = application.spec;
  if (spec?.sourceHydrator) return [deployedSource(spec.sourceHydrator)];
  if (spec?.sources?.length) return spec.sources;
  return spec?.source ? [spec.source] : [];
}

/** What is deployed of what is hydrated. */
function deployedSource({ drySource, syncSource }: SourceHydrator): ApplicationSource {
  return {
    repoURL: syncSource?.repoURL || drySource?.repoURL || '',
    path: syncSource?.path ?? '',
    targetRevision: syncSource?.targetBranch ?? '',
  };
}

/** The revisions that a status or a result names, one for each source. */
export function revisionsOf(said: { revision?: string; revisions?: string[] } | undefined): string[] {
  if (said?.revisions?.length) return said.revisions;
  return said?.revision ? [said.revision] : [];
}
