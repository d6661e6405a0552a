/** What is lost with an object, and how it is deleted. */
import type { ObjectKey } from '@/kubernetes/key';

/** The API knows three ways: `force` deletes at once and in the background. */
export type Way = 'foreground' | 'force' | 'orphan';

export const WAYS: readonly { readonly way: Way; readonly label: string; readonly words: string }[] = [
  { way: 'foreground', label: 'Foreground', words: 'What it owns goes first, then the object itself.' },
  {
    way: 'force',
    label: 'Force',
    words: 'At once, without a grace period; what it owns goes in the background. A pod may still run on its node.',
  },
  { way: 'orphan', label: 'Orphan', words: 'The object alone; what it owns stays and belongs to nobody.' },
];

export function queryOf(way: Way): { force?: boolean; orphan?: boolean } {
  return way === 'force' ? { force: true } : way === 'orphan' ? { orphan: true } : {};
}

const LOST: Record<string, string> = {
  '/Namespace': 'Everything in the namespace is deleted with it, of this application and of others.',
  '/PersistentVolumeClaim': 'The data of the volume may be deleted with it.',
  '/PersistentVolume': 'The data of the volume may be lost.',
  '/Secret': 'Its values cannot be had back from here.',
  'apiextensions.k8s.io/CustomResourceDefinition': 'All objects of this kind are deleted with it, in all namespaces.',
  'apps/StatefulSet': 'Its pods stop; whether the data of their volumes stays is said by its retention policy.',
  'argoproj.io/Application': 'What the application manages may be deleted with it.',
  'argoproj.io/ApplicationSet': 'The applications that it made may be deleted with it.',
};

/** What is lost beyond the object; '' when nothing is. Then its name is to be typed. */
export function lostWith(key: ObjectKey): string {
  return LOST[`${key.group}/${key.kind}`] ?? '';
}

/** Whether the name has to be typed. */
export function isDangerous(key: ObjectKey, way: Way): boolean {
  const isPod = key.group === '' && key.kind === 'Pod';
  return lostWith(key) !== '' || (way === 'force' && !isPod);
}
