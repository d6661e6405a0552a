/** How far the steps of a rolling sync are. */
import type { ApplicationSet, RolloutStatus, RolloutStep } from './model';

export interface StepState {
  readonly number: number;
  /** Which Applications it selects, in words. */
  readonly selects: string;
  /** How many of them at once, in words. */
  readonly atOnce: string;
  readonly total: number;
  readonly healthy: number;
  readonly moving: number;
  readonly waiting: number;
}

/** The steps of a set that is rolled out; null where it is not. */
export function stepsOf(set: ApplicationSet): readonly StepState[] | null {
  const { strategy } = set.spec ?? {};
  if (strategy?.type !== 'RollingSync') return null;
  const statuses = set.status?.applicationStatus ?? [];
  return (strategy.rollingSync?.steps ?? []).map((step, index) => {
    const own = statuses.filter((status) => status.step === String(index + 1));
    const count = (...names: string[]) => own.filter(({ status }) => names.includes(status)).length;
    return {
      number: index + 1,
      selects: selectionOf(step),
      atOnce: atOnceOf(step),
      total: own.length,
      healthy: count('Healthy'),
      moving: count('Pending', 'Progressing'),
      waiting: count('Waiting'),
    };
  });
}

export function statusesOf(set: ApplicationSet): ReadonlyMap<string, RolloutStatus> {
  return new Map((set.status?.applicationStatus ?? []).map((status) => [status.application, status]));
}

/** `Waiting, step 2`; Applications that no step selects are for people to sync. */
export function stageOf({ status, step }: RolloutStatus): string {
  return step === '-1' ? `${status}, in no step` : `${status}, step ${step}`;
}

function selectionOf({ matchExpressions }: RolloutStep): string {
  const words = (matchExpressions ?? []).map(
    ({ key = '', operator = '', values }) => `${key} ${operator} ${(values ?? []).join(', ')}`,
  );
  return words.join(' and ') || 'all';
}

function atOnceOf({ maxUpdate }: RolloutStep): string {
  return maxUpdate === undefined || maxUpdate === null ? 'all at once' : `${maxUpdate} at once`;
}
