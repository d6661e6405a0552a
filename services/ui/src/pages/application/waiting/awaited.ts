/**
 * What a running operation waits for: which wave, which object, and what that object says of itself.
 *
 * Invariant: it is read from what the server told (the operation's message and results, the tree); a guess is
 * never made up where nothing matches.
 */

import { type Application, infoOf, keyOf, type OperationState, type ResourceResult, type TreeObject } from '../model';
import { troubleOf } from '../tree/trouble';

export interface Awaited {
  key: string;
  kind: string;
  name: string;
  /** What the sync, the health or a pod below says. */
  reasons: string[];
  isHook: boolean;
  phase: string;
}

export interface Waiting {
  phase: string;
  message: string;
  wave: number | null;
  step: string;
  done: number;
  total: number;
  awaited: Awaited[];
  attempt: number;
  startedAt: string;
}

/** Reasons that one object is asked for at most. */
const REASONS = 4;
/** Objects that are named. */
const NAMED = 8;

const STEPS: Record<string, string> = {
  PreSync: 'before the sync',
  Sync: 'the sync itself',
  PostSync: 'after the sync',
  SyncFail: 'after a failure',
};

/** What is waited for now; null when no operation runs. */
export function waitingOf(application: Application, objects: ReadonlyMap<string, TreeObject>): Waiting | null {
  const state = application.status?.operationState;
  if (!state || (state.phase !== 'Running' && state.phase !== 'Terminating')) return null;
  const results = state.syncResult?.resources ?? [];
  const awaited = awaitedOf(state, results, objects);
  const waves = awaited.map((one) => objects.get(one.key)?.wave).filter((wave) => wave !== undefined);
  const running = awaited[0]?.phase ?? results.at(-1)?.syncPhase ?? '';
  const message = state.message ?? '';
  return {
    phase: state.phase,
    message,
    wave: waves.length ? Math.min(...waves) : null,
    step: STEPS[running] ?? '',
    done: results.filter(isDone).length,
    total: Math.max(results.length, application.status?.resources?.length ?? 0),
    awaited,
    attempt: Number(state.retryCount ?? 0),
    startedAt: state.startedAt ?? '',
  };
}

function isDone(result: ResourceResult): boolean {
  if (result.hookPhase) return result.hookPhase === 'Succeeded';
  return result.status === 'Synced' || result.status === 'Pruned' || result.status === 'PruneSkipped';
}

function awaitedOf(
  state: OperationState,
  results: readonly ResourceResult[],
  objects: ReadonlyMap<string, TreeObject>,
): Awaited[] {
  const running = results.filter((one) => one.hookPhase === 'Running' || one.status === 'SyncFailed');
  const found = running.map((result): Awaited => {
    const key = keyOf(result);
    return {
      key,
      kind: result.kind ?? '',
      name: result.name ?? '',
      reasons: reasonsOf(key, objects, result.message ?? ''),
      isHook: !!result.hookType,
      phase: result.syncPhase ?? '',
    };
  });
  const named = namedIn(state.message ?? '', objects);
  if (named && !found.some((one) => one.key === named.key)) {
    found.unshift({
      key: named.key,
      kind: named.kind,
      name: named.name,
      reasons: reasonsOf(named.key, objects, ''),
      isHook: named.isHook,
      phase: '',
    });
  }
  return found.slice(0, NAMED);
}

/** The object that `waiting for healthy state of apps/Deployment/web` names. */
function namedIn(message: string, objects: ReadonlyMap<string, TreeObject>): TreeObject | null {
  const match = /^waiting for (?:.*) of(?: hook)? ([^/\s]*)\/([^/\s]+)\/(\S+)/.exec(message);
  if (!match) return null;
  const [, group, kind, name] = match;
  const wanted = (name ?? '').replace(/[:,.]$/, '');
  for (const object of objects.values()) {
    if (object.group === group && object.kind === kind && object.name === wanted) return object;
  }
  return null;
}

/** What the object says, then what the worst of the pods below it say, each once. */
function reasonsOf(key: string, objects: ReadonlyMap<string, TreeObject>, first: string): string[] {
  const reasons = new Set<string>(first ? [first] : []);
  const object = objects.get(key);
  if (object?.healthMessage) reasons.add(object.healthMessage);
  const below = belowOf(key, objects)
    .filter((one) => troubleOf(one) > 1)
    .sort((left, right) => troubleOf(right) - troubleOf(left));
  for (const one of below) {
    if (reasons.size >= REASONS) break;
    const said = one.healthMessage || infoOf(one.node, 'Status Reason');
    if (said) reasons.add(`${one.kind} ${one.name}: ${said}`);
  }
  return [...reasons];
}

function belowOf(key: string, objects: ReadonlyMap<string, TreeObject>): TreeObject[] {
  const found: TreeObject[] = [];
  const seen = new Set([key]);
  let isGrowing = true;
  while (isGrowing) {
    isGrowing = false;
    for (const object of objects.values()) {
      if (seen.has(object.key)) continue;
      if (object.node.parentRefs?.some((parent) => seen.has(keyOf(parent)))) {
        seen.add(object.key);
        found.push(object);
        isGrowing = true;
      }
    }
  }
  return found;
}
