/** `status.operationState` of an Application as the panel follows it. */
import { type ObjectRef, text } from './objects';

export interface ResultRow extends ObjectRef {
  status: string;
  message: string;
  syncPhase: string;
  hookPhase: string;
  hookType: string;
}

export interface Operation {
  phase: string;
  message: string;
  startedAt: string;
  finishedAt: string;
  retryCount: number;
  revision: string;
  dryRun: boolean;
  initiatedBy: string;
  automated: boolean;
  partial: boolean;
  rows: ResultRow[];
}

const ENDED = new Set(['Succeeded', 'Failed', 'Error']);

export function isRunning(operation: Operation | null): boolean {
  return operation !== null && !ENDED.has(operation.phase);
}

export function operationOf(state: unknown): Operation | null {
  const said = record(state);
  if (!text(said['phase'])) return null;
  const asked = record(said['operation']);
  const sync = record(asked['sync']);
  const result = record(said['syncResult']);
  const by = record(asked['initiatedBy']);
  const revisions = Array.isArray(result['revisions']) ? result['revisions'].map(text).filter(Boolean) : [];
  return {
    phase: text(said['phase']),
    message: text(said['message']),
    startedAt: text(said['startedAt']),
    finishedAt: text(said['finishedAt']),
    retryCount: typeof said['retryCount'] === 'number' ? said['retryCount'] : 0,
    revision: revisions.length > 0 ? revisions.join(', ') : text(result['revision']) || text(sync['revision']),
    dryRun: sync['dryRun'] === true,
    initiatedBy: text(by['username']),
    automated: by['automated'] === true,
    partial: Array.isArray(sync['resources']) && sync['resources'].length > 0,
    rows: Array.isArray(result['resources']) ? result['resources'].map(rowOf) : [],
  };
}

/**
 * Whether a state is that of the operation that was asked for at a moment. The API takes the last state away
 * when it starts one; times are whole seconds of the server's clock.
 */
export function isOf(operation: Operation | null, before: string): boolean {
  return operation !== null && operation.startedAt !== before;
}

/** What failed first, then as the controller went. */
export function sorted(rows: readonly ResultRow[]): ResultRow[] {
  return [...rows].sort((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)));
}

export function hasFailed(row: ResultRow): boolean {
  return row.status === 'SyncFailed' || row.hookPhase === 'Failed' || row.hookPhase === 'Error';
}

function rowOf(value: unknown): ResultRow {
  const said = record(value);
  return {
    group: text(said['group']),
    kind: text(said['kind']),
    namespace: text(said['namespace']),
    name: text(said['name']),
    status: text(said['status']),
    message: text(said['message']),
    syncPhase: text(said['syncPhase']),
    hookPhase: text(said['hookPhase']),
    hookType: text(said['hookType']),
  };
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
