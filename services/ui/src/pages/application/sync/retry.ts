/** Retry with back-off as a form shows it, and as the API takes it. */

export interface RetryForm {
  on: boolean;
  /** -1 for ever. */
  limit: string;
  duration: string;
  factor: string;
  maxDuration: string;
  refresh: boolean;
}

export interface RetryStrategy {
  limit: number;
  refresh?: boolean;
  backoff?: { duration?: string; factor?: number; maxDuration?: string };
}

export const NO_RETRY: RetryForm = {
  on: false,
  limit: '2',
  duration: '5s',
  factor: '2',
  maxDuration: '3m',
  refresh: false,
};

const DURATION = /^(\d+|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/;

export type RetryErrors = Partial<Record<'limit' | 'duration' | 'factor' | 'maxDuration', string>>;

export function retryErrors(form: RetryForm): RetryErrors {
  if (!form.on) return {};
  const errors: RetryErrors = {};
  if (!/^-?\d+$/.test(form.limit.trim())) errors.limit = 'A whole number; -1 tries for ever.';
  if (!DURATION.test(form.duration.trim())) errors.duration = 'A duration such as 5s or 1m30s.';
  if (!/^[1-9]\d*$/.test(form.factor.trim())) errors.factor = 'A whole number from 1 on.';
  if (!DURATION.test(form.maxDuration.trim())) errors.maxDuration = 'A duration such as 3m.';
  return errors;
}

export function retryOf(value: unknown): RetryForm {
  if (typeof value !== 'object' || value === null) return NO_RETRY;
  const said = value as Record<string, unknown>;
  const backoff =
    typeof said['backoff'] === 'object' && said['backoff'] !== null ? (said['backoff'] as Record<string, unknown>) : {};
  return {
    on: true,
    limit: worded(said['limit'], '0'),
    duration: worded(backoff['duration'], NO_RETRY.duration),
    factor: worded(backoff['factor'], NO_RETRY.factor),
    maxDuration: worded(backoff['maxDuration'], NO_RETRY.maxDuration),
    refresh: said['refresh'] === true,
  };
}

export function strategyOf(form: RetryForm): RetryStrategy | undefined {
  if (!form.on) return undefined;
  return {
    limit: Number(form.limit.trim()),
    ...(form.refresh ? { refresh: true } : {}),
    backoff: {
      duration: form.duration.trim(),
      factor: Number(form.factor.trim()),
      maxDuration: form.maxDuration.trim(),
    },
  };
}

function worded(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}
