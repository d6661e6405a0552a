/** Moments and spans. Relative times go on by themselves; a clock that ticks is shared by all of them. */
import { useCallback, useSyncExternalStore } from 'react';
import { serverNow } from '@/api/clock';
import { usePreference } from '@/preferences';
import { duration, exact, exactDuration, type Moment, millisecondsOf, relative } from '@/text/time';
import { everySecond } from './tick';

export interface TimeProps {
  at: Moment;
  /** Shown where there is no time. */
  none?: string;
}

export function Time({ at, none = '–' }: TimeProps) {
  const [form] = usePreference<'relative' | 'exact'>('times', 'relative');
  const moment = millisecondsOf(at);
  const say = useCallback(() => (moment === null ? none : relative(moment, serverNow())), [moment, none]);
  const words = useSyncExternalStore(everySecond, say);
  if (moment === null) return <span>{none}</span>;
  return (
    <time dateTime={new Date(moment).toISOString()} title={form === 'exact' ? words : exact(moment)}>
      {form === 'exact' ? exact(moment) : words}
    </time>
  );
}

export interface DurationProps {
  /** A span in milliseconds, or two moments; without an end it goes on. */
  milliseconds?: number;
  from?: Moment;
  to?: Moment;
}

export function Duration({ milliseconds, from, to }: DurationProps) {
  const start = millisecondsOf(from);
  const end = millisecondsOf(to);
  const say = useCallback(() => {
    if (milliseconds !== undefined) return exactDuration(milliseconds);
    if (start === null) return '–';
    return end === null ? duration(serverNow() - start) : exactDuration(end - start);
  }, [milliseconds, start, end]);
  return <span>{useSyncExternalStore(everySecond, say)}</span>;
}
