/** The objects of an application as the sync panel chooses among them. */

export interface ObjectRef {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export interface SyncObject extends ObjectRef {
  version: string;
  /** Synced, OutOfSync or Unknown; "" for hooks and what is ignored. */
  status: string;
  health: string;
  hook: boolean;
  requiresPruning: boolean;
  requiresConfirmation: boolean;
  wave: number;
}

export type Choice = 'all' | 'out-of-sync' | 'none';

export function keyOf(object: ObjectRef): string {
  return [object.group, object.kind, object.namespace, object.name].join('/');
}

export function titleOf(object: ObjectRef): string {
  const kind = object.group ? `${object.group}/${object.kind}` : object.kind;
  return object.namespace ? `${kind} ${object.namespace}/${object.name}` : `${kind} ${object.name}`;
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `status.resources` of an Application; what is no object is left out. */
export function objectsOf(resources: unknown): SyncObject[] {
  if (!Array.isArray(resources)) return [];
  return resources.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const said = one as Record<string, unknown>;
    const health = said['health'];
    return [
      {
        group: text(said['group']),
        version: text(said['version']),
        kind: text(said['kind']),
        namespace: text(said['namespace']),
        name: text(said['name']),
        status: text(said['status']),
        health:
          typeof health === 'object' && health !== null ? text((health as Record<string, unknown>)['status']) : '',
        hook: said['hook'] === true,
        requiresPruning: said['requiresPruning'] === true,
        requiresConfirmation: said['requiresDeletionConfirmation'] === true,
        wave: typeof said['syncWave'] === 'number' ? said['syncWave'] : 0,
      },
    ];
  });
}

/** What can be chosen: hooks run by themselves, and an operation cannot name them. */
export function choosable(objects: readonly SyncObject[]): SyncObject[] {
  return objects.filter((object) => !object.hook);
}

export function chosenBy(choice: Choice, objects: readonly SyncObject[]): Set<string> {
  if (choice === 'none') return new Set();
  const wanted = choice === 'all' ? objects : objects.filter((object) => object.status !== 'Synced');
  return new Set(wanted.map(keyOf));
}

/** Objects of which every word of the filter occurs in kind, group, namespace, name, status or health. */
export function filtered(objects: readonly SyncObject[], filter: string): SyncObject[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...objects];
  return objects.filter((object) => {
    const said = [titleOf(object), object.status, object.health].join(' ').toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
