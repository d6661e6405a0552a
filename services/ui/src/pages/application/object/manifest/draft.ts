/**
 * A change of a live manifest on its way to the cluster: written, tried, sent.
 *
 * The invariant: nothing is sent that was not tried in the same words against the same version; what somebody
 * else changed of the same fields meanwhile is said, never overwritten unasked.
 */
import { ApiError } from '@/api/errors';
import { type JsonObject, textAt } from '@/kubernetes/json';
import { fromYaml } from '@/kubernetes/yaml';
import { type Change, edited, guarded, overtaken, type Problem, shown } from './patch';
import { withoutManagers } from './shownFields';

export type Draft =
  | { readonly problems: readonly Problem[] }
  | { readonly patch: JsonObject; readonly changes: readonly Change[] };

/** What a text changes of a manifest. */
export function draftOf(base: JsonObject, text: string): Draft {
  const read = fromYaml(text);
  if ('problems' in read) {
    return {
      problems: read.problems.map(({ message, from }) => ({ path: [], message: `${lineOf(text, from)}: ${message}` })),
    };
  }
  const found = edited(withoutManagers(base), read.value);
  const { problems, patch, changes } = found;
  return problems.length > 0 ? { problems } : { patch, changes };
}

function lineOf(text: string, at: number): string {
  return `Line ${text.slice(0, at).split('\n').length}`;
}

export interface Server {
  readonly read: () => Promise<JsonObject>;
  readonly tried: (patch: JsonObject) => Promise<JsonObject>;
  readonly patched: (patch: JsonObject) => Promise<JsonObject>;
}

export type Tried =
  | { readonly conflicts: readonly Change[]; readonly now: JsonObject }
  | { readonly before: JsonObject; readonly after: JsonObject; readonly patch: JsonObject; readonly isMoved: boolean };

/** How often it is tried again when others write the object all the time. */
const TIMES = 4;

/** What the API server would make of a change. `isForced`: whatever others did to the same fields. */
export async function tryOut(
  server: Server,
  base: JsonObject,
  { patch, changes }: { readonly patch: JsonObject; readonly changes: readonly Change[] },
  isForced = false,
): Promise<Tried> {
  for (let time = 1; ; time++) {
    const now = await server.read();
    const conflicts = isForced ? [] : overtaken(withoutManagers(base), withoutManagers(now), changes);
    if (conflicts.length > 0) return { conflicts, now };
    const sent = guarded(patch, textAt(now, 'metadata', 'resourceVersion'));
    try {
      const after = await server.tried(sent);
      return { before: now, after, patch: sent, isMoved: isOther(base, now) };
    } catch (error) {
      if (!isConflict(error) || time === TIMES) throw error;
    }
  }
}

export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.isConflict;
}

function isOther(base: JsonObject, now: JsonObject): boolean {
  return textAt(base, 'metadata', 'resourceVersion') !== textAt(now, 'metadata', 'resourceVersion');
}

/** One conflict in words. */
export function wordsOf({ path, before, after }: Change): string {
  const is = before === undefined ? 'is not there any more' : `is now ${briefly(before)}`;
  const wanted = after === undefined ? 'you removed it' : `you wrote ${briefly(after)}`;
  return `${shown(path)} ${is}; ${wanted}.`;
}

const LONGEST = 120;

function briefly(value: unknown): string {
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
