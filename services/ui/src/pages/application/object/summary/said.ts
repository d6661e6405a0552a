/** Who writes an object, as its `managedFields` say. */
import { isObject, type JsonObject, listAt, textAt } from '@/kubernetes/json';

export interface Manager {
  readonly name: string;
  /** `Apply` or `Update`. */
  readonly operation: string;
  readonly subresource: string;
  /** When it last changed what it owns (RFC 3339). */
  readonly at: string;
}

/** The newest first. */
export function managersOf(manifest: JsonObject): readonly Manager[] {
  return listAt(manifest, 'metadata', 'managedFields')
    .filter(isObject)
    .map((entry) => ({
      name: textAt(entry, 'manager'),
      operation: textAt(entry, 'operation'),
      subresource: textAt(entry, 'subresource'),
      at: textAt(entry, 'time'),
    }))
    .sort((one, other) => other.at.localeCompare(one.at));
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly at: string;
}

export function conditionsOf(manifest: JsonObject): readonly Condition[] {
  return listAt(manifest, 'status', 'conditions')
    .filter(isObject)
    .map((entry) => ({
      type: textAt(entry, 'type'),
      status: textAt(entry, 'status'),
      reason: textAt(entry, 'reason'),
      message: textAt(entry, 'message'),
      at: textAt(entry, 'lastTransitionTime') || textAt(entry, 'lastUpdateTime'),
    }));
}
