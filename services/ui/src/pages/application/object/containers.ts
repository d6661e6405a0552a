/** The containers of a pod, or of the pods that an object makes. */
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt, valueAt } from '@/kubernetes/json';

export interface Container {
  readonly name: string;
  /** Runs before the others and ends, or runs for debugging. */
  readonly role: '' | 'init' | 'debug';
  readonly image: string;
}

const TEMPLATES: readonly (readonly string[])[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['spec', 'podTemplate', 'spec'],
  ['spec'],
];

/** Those of a manifest, the ones that stay first; none when it says nothing of pods. */
export function containersOf(manifest: JsonObject | null): readonly Container[] {
  if (!manifest) return [];
  for (const path of TEMPLATES) {
    const spec = valueAt(manifest, path);
    const found = listed(spec, 'containers', '');
    if (found.length > 0) {
      return [...found, ...listed(spec, 'initContainers', 'init'), ...listed(spec, 'ephemeralContainers', 'debug')];
    }
  }
  return [];
}

function listed(spec: Json | undefined, field: string, role: Container['role']): Container[] {
  return listAt(spec, field)
    .filter(isObject)
    .map((one) => ({ name: textAt(one, 'name'), role, image: textAt(one, 'image') }))
    .filter((one) => one.name !== '');
}

/** What a container of a pod does now, in a word: `running`, or why it does not. */
export function stateOf(pod: JsonObject | null, name: string): string {
  for (const field of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']) {
    for (const status of listAt(pod ?? undefined, 'status', field)) {
      if (!isObject(status) || textAt(status, 'name') !== name) continue;
      const state = objectAt(status, 'state');
      if ('running' in state) return 'running';
      return textAt(state, 'waiting', 'reason') || textAt(state, 'terminated', 'reason') || 'not running';
    }
  }
  return '';
}
