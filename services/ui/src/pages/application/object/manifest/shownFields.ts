/** Fields of a live manifest that say more of the cluster than of the object, and are shown when asked for. */
import { isObject, type JsonObject } from '@/kubernetes/json';

/** The manifest without `managedFields`, of which nobody but the API server writes anything. */
export function withoutManagers(manifest: JsonObject): JsonObject {
  const { metadata } = manifest;
  if (!isObject(metadata) || !('managedFields' in metadata)) return manifest;
  const { managedFields: _, ...rest } = metadata;
  return { ...manifest, metadata: rest };
}

const COUNTED = new Set(['managedFields', 'resourceVersion', 'generation']);

/** The same without what every write changes, so that a diff shows what was meant. */
export function withoutCounters(manifest: JsonObject): JsonObject {
  const { metadata } = manifest;
  if (!isObject(metadata)) return manifest;
  return { ...manifest, metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => !COUNTED.has(name))) };
}
