/** What an operation did, object by object, and what it was asked to do. */

import type { Tone } from '@/text/status';
import { keyOf, type OperationState, type ResourceResult } from '../model';
import { plural } from './words';

export interface Outcome {
  key: string;
  /** What tells it from other records of the same object. */
  id: string;
  kind: string;
  name: string;
  namespace: string;
  word: string;
  tone: Tone;
  /** `Sync`, or of a hook `PreSync hook`. */
  phase: string;
  message: string;
}

const WORDS: Record<string, string> = {
  Synced: 'Applied',
  SyncFailed: 'Failed',
  Pruned: 'Pruned',
  PruneSkipped: 'Kept',
};

/** Those that failed first, then what still runs, then as it was carried out. */
export function outcomesOf(state: OperationState | undefined): Outcome[] {
  const isOver = Boolean(state?.finishedAt);
  const results = (state?.syncResult?.resources ?? []).map((one) => (isOver ? ended(one) : one));
  return results.sort((left, right) => weightOf(right) - weightOf(left)).map(outcomeOf);
}

/** What is no hook keeps the phase Running for good: of it an operation that is over says how it was synced. */
function ended(result: ResourceResult): ResourceResult {
  return result.hookType || result.hookPhase !== 'Running' ? result : { ...result, hookPhase: '' };
}

function weightOf(result: ResourceResult): number {
  if (result.status === 'SyncFailed' || result.hookPhase === 'Failed' || result.hookPhase === 'Error') return 3;
  if (result.hookPhase === 'Running') return 2;
  return result.status === 'PruneSkipped' ? 1 : 0;
}

const TONES: readonly Tone[] = ['ok', 'warn', 'busy', 'bad'];

function outcomeOf(result: ResourceResult): Outcome {
  const weight = weightOf(result);
  const key = keyOf(result);
  return {
    key,
    id: `${key} ${result.hookType ?? ''} ${result.syncPhase ?? ''}`,
    kind: result.kind ?? '',
    name: result.name ?? '',
    namespace: result.namespace ?? '',
    word: wordOf(result),
    tone: TONES[weight] ?? 'neutral',
    phase: result.hookType ? `${result.hookType} hook` : (result.syncPhase ?? ''),
    message: result.message ?? '',
  };
}

/** A hook is as far as it ran; an object that is applied, and not healthy yet, is waited for. */
function wordOf(result: ResourceResult): string {
  if (result.hookType) return result.hookPhase || 'Waiting';
  if (result.status === 'Synced' && result.hookPhase === 'Running') return 'Applied, not healthy yet';
  if (result.status === 'Synced' && (result.hookPhase === 'Failed' || result.hookPhase === 'Error')) {
    return 'Applied, not healthy';
  }
  return WORDS[result.status ?? ''] ?? (result.status || 'Waiting');
}

/** Who asked for it, or why nobody had to. */
export function causeOf(state: OperationState): string {
  const { initiatedBy, sync } = state.operation ?? {};
  if (!initiatedBy?.automated)
    return initiatedBy?.username ? `Asked for by ${initiatedBy.username}` : 'Asked for by hand';
  const heals = Number(sync?.autoHealAttemptsCount ?? 0);
  if (heals) return `By itself: it was changed outside Git${heals > 1 ? `, heal ${heals} in a row` : ''}`;
  return 'By itself: it differed from Git';
}

/** How it was asked to sync, each in a few words; empty for the plain way. */
export function askedOf(state: OperationState): string[] {
  const sync = state.operation?.sync;
  const chosen = sync?.resources?.length ?? 0;
  return [
    sync?.dryRun ? 'dry run' : '',
    sync?.prune ? 'prune' : '',
    sync?.syncStrategy?.hook?.force || sync?.syncStrategy?.apply?.force ? 'force' : '',
    sync?.syncStrategy?.apply ? 'without hooks' : '',
    sync?.manifests?.length ? 'with local manifests' : '',
    chosen ? `only ${chosen} ${plural(chosen, 'object')}` : '',
    ...(sync?.syncOptions ?? []),
  ].filter(Boolean);
}

/** `attempt 2 of 6`; "" for the first of one. */
export function attemptWords(state: OperationState): string {
  const retries = Number(state.retryCount ?? 0);
  const limit = Number(state.operation?.retry?.limit ?? 0);
  if (!retries && !limit) return '';
  return `attempt ${retries + 1}${limit > 0 ? ` of at most ${limit + 1}` : limit < 0 ? ', without an end' : ''}`;
}
