/**
 * What a sync would destroy, said before it is asked for.
 *
 * The invariant: what is not known to be harmless is told. It rests on what the application's status says;
 * the controller's own guard decides when the operation runs.
 */
import { keyOf, type ObjectRef, type SyncObject, titleOf } from './objects';
import { optionValue } from './options';

export interface Asked {
  prune: boolean;
  force: boolean;
  dryRun: boolean;
  options: readonly string[];
  /** Keys of the chosen objects; null for all of them. */
  chosen: ReadonlySet<string> | null;
}

export interface Loss {
  object: ObjectRef;
  how: 'deleted' | 'recreated' | 'replaced';
  /** What goes with it, where that is more than the object. */
  takes: string;
}

export interface Danger {
  losses: Loss[];
  /** Whether the name of the application has to be typed first. */
  confirm: boolean;
  reasons: string[];
}

/** Kinds whose end takes along what cannot be had back, worst first. */
const TAKES: readonly { group: string; kind: string; takes: string }[] = [
  { group: '', kind: 'Namespace', takes: 'everything in it' },
  { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', takes: 'every object of its kind in the cluster' },
  { group: '', kind: 'PersistentVolumeClaim', takes: 'its data, where its volume is not retained' },
  { group: '', kind: 'PersistentVolume', takes: 'its data, where it is not retained' },
  { group: 'apps', kind: 'StatefulSet', takes: 'its pods' },
  { group: 'argoproj.io', kind: 'Application', takes: 'what it deployed, where it has the finalizer' },
  { group: 'argoproj.io', kind: 'ApplicationSet', takes: 'the applications it made' },
];
const SEVERE = 4;
/** From this many pruned objects on, more than half of all is a large share, as the controller's guard has it. */
export const SHARE_OBJECTS = 10;

export function dangerOf(objects: readonly SyncObject[], asked: Asked): Danger {
  if (asked.dryRun) return { losses: [], confirm: false, reasons: [] };
  const live = objects.filter((object) => !object.hook);
  const concerned = live.filter((object) => asked.chosen === null || asked.chosen.has(keyOf(object)));
  const pruned =
    asked.prune && optionValue(asked.options, 'Prune') !== 'false'
      ? concerned.filter((object) => object.requiresPruning)
      : [];
  const replaced = concerned.filter((object) => !object.requiresPruning && object.health !== 'Missing');
  const losses = [...deleted(pruned), ...changed(replaced, asked)].sort(byWeight);
  const reasons = reasonsOf(pruned, live.length, losses);
  return { losses, confirm: reasons.length > 0, reasons };
}

/** What goes when these objects are deleted, the worst first. */
export function deleted(objects: readonly ObjectRef[]): Loss[] {
  return objects.map((object): Loss => ({ object, how: 'deleted', takes: takenBy(object) })).sort(byWeight);
}

function changed(objects: readonly SyncObject[], asked: Asked): Loss[] {
  const replaces = asked.options.includes('Replace=true');
  if (!asked.force && !replaces) return [];
  if (asked.force && (replaces || !asked.options.includes('ServerSideApply=true'))) {
    return objects.map((object) => ({ object, how: 'recreated', takes: takenBy(object) }));
  }
  return replaces ? objects.map((object) => ({ object, how: 'replaced', takes: '' })) : [];
}

function reasonsOf(pruned: readonly SyncObject[], total: number, losses: readonly Loss[]): string[] {
  const reasons: string[] = [];
  const severe = losses.filter((loss) => loss.how !== 'replaced' && weight(loss.object) < SEVERE);
  if (severe.length > 0) reasons.push('What it takes along cannot be had back.');
  if (pruned.length >= SHARE_OBJECTS && pruned.length * 2 > total) {
    reasons.push(`It deletes ${pruned.length} of ${total} objects.`);
  }
  if (losses.some((loss) => loss.how === 'recreated'))
    reasons.push('What cannot be updated in place is deleted and made anew.');
  if (losses.some((loss) => loss.how === 'replaced')) reasons.push('Fields that others set in these objects are lost.');
  return reasons;
}

function takenBy(object: ObjectRef): string {
  return TAKES.find((one) => one.group === object.group && one.kind === object.kind)?.takes ?? '';
}

function weight(object: ObjectRef): number {
  const at = TAKES.findIndex((one) => one.group === object.group && one.kind === object.kind);
  return at < 0 ? TAKES.length : at;
}

function byWeight(a: Loss, b: Loss): number {
  return weight(a.object) - weight(b.object) || titleOf(a.object).localeCompare(titleOf(b.object));
}
