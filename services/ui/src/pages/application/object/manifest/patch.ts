/**
 * What a person changed of a live manifest, as a merge patch (RFC 7386).
 *
 * The invariant: only what was changed is sent. A field is removed only where its line was removed: an empty
 * value, which a merge patch would take for that, is a problem, and so is a mask where a value should be.
 */
import { isEqual, isList, isObject, type Json, type JsonObject, valueAt } from '@/kubernetes/json';

export type Path = readonly (string | number)[];

export interface Change {
  readonly path: Path;
  readonly before: Json | undefined;
  /** undefined: the field goes. */
  readonly after: Json | undefined;
}

export interface Problem {
  readonly path: Path;
  readonly message: string;
}

export interface Edited {
  readonly patch: JsonObject;
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
}

const IDENTITY: readonly Path[] = [
  ['apiVersion'],
  ['kind'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'uid'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'managedFields'],
];
const MASK = /^\+{8,}$/;

/** The patch that makes `after` of `before`. */
export function edited(before: JsonObject, after: Json): Edited {
  if (!isObject(after)) {
    return { patch: {}, changes: [], problems: [{ path: [], message: 'A manifest is a map of fields.' }] };
  }
  const found: Found = { changes: [], problems: [] };
  const patch = mapOf(before, after, [], found);
  for (const path of IDENTITY) {
    if (!isEqual(valueAt(before, path), valueAt(after, path))) {
      found.problems.push({ path, message: `${shown(path)} cannot be changed.` });
    }
  }
  return { patch, ...found };
}

interface Found {
  readonly changes: Change[];
  readonly problems: Problem[];
}

function mapOf(before: JsonObject, after: JsonObject, path: Path, found: Found): JsonObject {
  const patch: [string, Json][] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const place = [...path, key];
    const had = Object.hasOwn(before, key) ? before[key] : undefined;
    const has = Object.hasOwn(after, key) ? after[key] : undefined;
    if (isEqual(had, has)) continue;
    if (isObject(had) && isObject(has)) {
      const inner = mapOf(had, has, place, found);
      if (Object.keys(inner).length > 0) patch.push([key, inner]);
    } else {
      found.changes.push({ path: place, before: had, after: has });
      if (has !== undefined) look(had, has, place, found.problems);
      patch.push([key, has === undefined ? null : has]);
    }
  }
  return Object.fromEntries(patch);
}

/** Whether a value can be sent as it is: it is no mask, and empty only where it was empty before. */
function look(before: Json | undefined, after: Json, path: Path, problems: Problem[]): void {
  if (after === null && before !== null) {
    const message = `${shown(path)} is empty. Remove its line to remove the field, or write {}, [] or "".`;
    problems.push({ path, message });
  } else if (typeof after === 'string' && MASK.test(after) && before !== after) {
    problems.push({ path, message: `${shown(path)} is a mask, which would be written as the value.` });
  } else if (isList(after)) {
    const had = isList(before) ? before : [];
    after.forEach((item, place) => {
      look(had[place], item, [...path, place], problems);
    });
  } else if (isObject(after)) {
    const had = isObject(before) ? before : {};
    for (const [key, item] of Object.entries(after)) look(had[key], item, [...path, key], problems);
  }
}

/** The changes that somebody else's, of the same fields, came before. */
export function overtaken(before: JsonObject, now: JsonObject, changes: readonly Change[]): readonly Change[] {
  return changes.flatMap((change) => {
    const live = valueAt(now, change.path);
    const isMoved = !isEqual(live, valueAt(before, change.path)) && !isEqual(live, change.after);
    return isMoved ? [{ ...change, before: live }] : [];
  });
}

/** The patch, to be refused by the API server if the object is no longer the one that was seen. */
export function guarded(patch: JsonObject, resourceVersion: string): JsonObject {
  const metadata = isObject(patch.metadata) ? patch.metadata : {};
  return resourceVersion ? { ...patch, metadata: { ...metadata, resourceVersion } } : patch;
}

const WORD = /^[A-Za-z_][\w-]*$/;

/** A path for people: `.spec.containers[0].image`, `.metadata.annotations["a/b"]`. */
export function shown(path: Path): string {
  const parts = path.map((part) =>
    typeof part === 'number' ? `[${part}]` : WORD.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`,
  );
  return parts.join('') || '.';
}
