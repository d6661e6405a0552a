/** The two sides of an object's diff, as the controller compared them. */
import type { ResourceDiff } from '@/api/schema';
import { type JsonObject, parseObject } from '@/kubernetes/json';
import { toYaml } from '@/kubernetes/yaml';
import { withoutManagers } from '../manifest/shownFields';

export type Kind = 'same' | 'differs' | 'missing' | 'extra' | 'unknown';

export interface States {
  readonly kind: Kind;
  readonly left: string;
  readonly right: string;
}

/**
 * Live beside what a sync would make of it, both without what is not compared. An object that is only on one side
 * has nothing on the other.
 */
export function statesOf(item: ResourceDiff): States {
  const live = parseObject(item.normalizedLiveState) ?? parseObject(item.liveState);
  const target = parseObject(item.targetState);
  const predicted = parseObject(item.predictedLiveState) ?? target;
  if (!live && !target) return { kind: 'unknown', left: '', right: '' };
  if (!live) return { kind: 'missing', left: '', right: textOf(target) };
  if (!target) return { kind: 'extra', left: textOf(live), right: '' };
  const left = textOf(live);
  const right = textOf(predicted);
  return { kind: left === right ? 'same' : 'differs', left, right };
}

function textOf(manifest: JsonObject | null): string {
  return manifest ? toYaml(sorted(withoutManagers(manifest))) : '';
}

/** With the fields of maps in one order, so that only values differ. */
function sorted(manifest: JsonObject): JsonObject {
  const order = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(order);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    return Object.fromEntries(entries.map(([key, item]) => [key, order(item)]));
  };
  return order(manifest) as JsonObject;
}

export const WORDS: Record<Kind, string> = {
  same: 'Nothing differs.',
  differs: 'Left is what is live, right what a sync would make of it.',
  missing: 'The object is not in the cluster; a sync makes it.',
  extra: 'Git does not have this object any more; a sync that prunes deletes it.',
  unknown: 'Nothing is known of this object.',
};
