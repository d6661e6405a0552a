/**
 * What an operation or a deletion waits for: which wave, which object, and what keeps that.
 *
 * Invariant: it is what the controller told of this very operation, in its fields; no sentence is read for it. What the
 * controller did not look into is explained by what the tree says.
 */

import type { Hindrance, Waiting as Said, Awaited as Told } from '@/api/schema';
import { applicationPath } from '@/routing';
import { type Application, infoOf, keyOf, type OperationState, type ResourceResult, type TreeObject } from '../model';
import { plural } from '../state/words';
import { troubleOf } from '../tree/trouble';

export interface Awaited {
  key: string;
  kind: string;
  name: string;
  /** What is waited for of it, in words. */
  what: string;
  /** RFC 3339; "" when nobody knows, or never. */
  since: string;
  until: string;
  /** The application that it is, where another one is waited for; "" for an object of this one. */
  application: string;
  /** What keeps it: the controller's words, else those of its health and of the pods below. */
  reasons: string[];
}

export interface Waiting {
  title: string;
  message: string;
  facts: string[];
  startedAt: string;
  /** When it goes on by itself. */
  next: string;
  awaited: Awaited[];
  more: number;
  /** Whether there is an operation to end, and whether that was asked for already. */
  operation: 'none' | 'running' | 'ending';
}

/** Reasons that one object is given at most. */
const REASONS = 4;

const STEPS: Record<string, string> = {
  PreSync: 'before the sync',
  Sync: 'the sync itself',
  PostSync: 'after the sync',
  SyncFail: 'after a failure',
};
const WHAT: Record<Told['what'], string> = {
  health: 'to become healthy',
  completion: 'to end',
  deletion: 'to be gone',
  confirmation: 'to be confirmed',
  readiness: 'to be ready',
};
const TITLES: Record<Said['reason'], string> = {
  objects: 'A sync runs',
  person: 'A sync waits for a person',
  retry: 'A sync is tried again',
  window: 'A sync waits for its window',
  deletion: 'The application is being deleted',
  dependencies: 'A sync waits for what it depends on',
  pause: 'A sync waits for the end of a pause',
};

/** What is waited for now; null when nothing is. */
export function waitingOf(
  application: Application,
  told: Said | undefined,
  objects: ReadonlyMap<string, TreeObject>,
): Waiting | null {
  if (application.metadata?.deletionTimestamp) {
    return leaving(application.metadata.deletionTimestamp, told?.reason === 'deletion' ? told : undefined, objects);
  }
  const state = application.status?.operationState;
  if (!state || (state.phase !== 'Running' && state.phase !== 'Terminating')) {
    return told?.reason === 'dependencies' ? depending(told, objects) : null;
  }
  const isEnding = state.phase === 'Terminating';
  const said = told?.startedAt === state.startedAt ? told : undefined;
  return {
    title: isEnding ? 'The operation is being ended' : TITLES[said?.reason ?? 'objects'],
    message: state.message ?? '',
    facts: factsOf(application, state, said),
    startedAt: state.startedAt ?? '',
    next: said?.reason === 'retry' ? (said.until ?? '') : '',
    awaited: (said?.objects ?? []).map((one) => awaitedOf(one, objects)),
    more: said?.more ?? 0,
    operation: isEnding ? 'ending' : 'running',
  };
}

/** An automated sync that has not begun. */
function depending(said: Said, objects: ReadonlyMap<string, TreeObject>): Waiting {
  return {
    title: TITLES.dependencies,
    message: said.message ?? '',
    facts: [],
    startedAt: '',
    next: '',
    awaited: (said.objects ?? []).map((one) => awaitedOf(one, objects)),
    more: said.more ?? 0,
    operation: 'none',
  };
}

function leaving(since: string, said: Said | undefined, objects: ReadonlyMap<string, TreeObject>): Waiting {
  return {
    title: TITLES.deletion,
    message: said?.message ? `Waiting for ${said.message.replace(/^(still )?waiting for /, '')}` : '',
    facts: [],
    startedAt: since,
    next: '',
    awaited: (said?.objects ?? []).map((one) => awaitedOf(one, objects)),
    more: said?.more ?? 0,
    operation: 'none',
  };
}

function factsOf(application: Application, state: OperationState, said: Said | undefined): string[] {
  const results = state.syncResult?.resources ?? [];
  const total = Math.max(results.length, application.status?.resources?.length ?? 0);
  const retries = Number(said?.attempt ?? state.retryCount ?? 0);
  const limit = Number(state.operation?.retry?.limit ?? 0);
  const isWorking = said?.reason === 'objects' || said?.reason === 'person';
  return [
    isWorking ? (STEPS[said.phase ?? ''] ?? '') : '',
    isWorking ? `wave ${said.wave ?? 0}` : '',
    total ? `${results.filter(isDone).length} of ${total} ${plural(total, 'object')} done` : '',
    retries ? `attempt ${retries + 1}${limit > 0 ? ` of ${limit + 1}` : ''}` : '',
  ].filter(Boolean);
}

function isDone(result: ResourceResult): boolean {
  if (result.hookPhase) return result.hookPhase === 'Succeeded';
  return result.status === 'Synced' || result.status === 'Pruned' || result.status === 'PruneSkipped';
}

function awaitedOf(told: Told, objects: ReadonlyMap<string, TreeObject>): Awaited {
  const key = keyOf(told);
  const said = told.by ? hindranceWords(told.by, told) : '';
  return {
    key,
    kind: `${told.hook ? 'hook ' : ''}${told.kind}`,
    name: told.name,
    what: WHAT[told.what] ?? '',
    since: told.since ?? '',
    until: told.until ?? '',
    application: told.what === 'readiness' ? applicationPath(told.namespace ?? '', told.name) : '',
    reasons: said ? [said] : reasonsOf(key, objects),
  };
}

/** `Pod web-0, container main: CrashLoopBackOff: it ended with exit code 1`; of itself without its name. */
export function hindranceWords(by: Hindrance, of: Pick<Told, 'kind' | 'name'>): string {
  if (by.reason === 'finalizers')
    return `held by ${plural(by.message?.includes(',') ? 2 : 1, 'finalizer')} ${by.message}`;
  const isItself = by.kind === of.kind && by.name === of.name;
  const who = [isItself ? '' : `${by.kind} ${by.name}`.trim(), by.container ? `container ${by.container}` : ''];
  return [who.filter(Boolean).join(', '), by.reason, by.message].filter(Boolean).join(': ');
}

/** What the object says, then what the worst of those below it say, each once. */
function reasonsOf(key: string, objects: ReadonlyMap<string, TreeObject>): string[] {
  const reasons = new Set<string>();
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
