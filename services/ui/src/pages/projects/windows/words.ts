/** Sync windows in words, and their times as a calendar writes them. */

import type { SyncWindow } from '../model';
import type { Span } from './calendar';
import type { Day } from './cron';

/** What a window is about: `applications web-* or clusters prod`. */
export function aboutOf(window: SyncWindow): string {
  const parts = [
    named('application', window.applications),
    named('namespace', window.namespaces),
    named('cluster', window.clusters),
  ].filter(Boolean);
  if (parts.length === 0) return 'nothing: it names no application, namespace or cluster';
  return parts.join(window.andOperator ? ' and ' : ' or ');
}

/** What a window does beside being open, each as a sentence. */
export function rulesOf(window: SyncWindow): string[] {
  const found: string[] = [];
  const isDeny = window.kind === 'deny';
  if (window.manualSync) found.push(isDeny ? 'Syncs by hand are let through' : 'Syncs by hand are allowed at any time');
  if (window.syncOverrun) found.push('A sync that has begun goes on to its end');
  return found;
}

export function dayName(day: Day): string {
  return new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    Date.UTC(day.year, day.month - 1, day.day),
  );
}

/** `22:00`. */
export function clock(instant: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(instant);
}

/** `22:00–06:00`, within a day `22:00–24:00`. */
export function spanName(span: Span, day: Span, zone: string): string {
  return `${clock(span.from, zone)}–${span.to === day.to ? '24:00' : clock(span.to, zone)}`;
}

/** `Sat 28 Nov, 22:00`. */
export function moment(instant: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  }).format(instant);
}

function named(what: string, globs: readonly string[] | undefined): string {
  if (globs === undefined || globs.length === 0) return '';
  const every = globs.includes('*');
  return every ? `all ${what}s` : `${what}${globs.length > 1 ? 's' : ''} ${globs.join(', ')}`;
}
