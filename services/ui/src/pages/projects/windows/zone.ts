/** Wall-clock times of a time zone, by the browser's own database. A zone nobody knows is UTC, as on the server. */

import type { Day } from './cron';

export const DAY_MS = 86_400_000;

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** The zone itself where the browser knows it, else UTC. */
export function knownZone(name: string): string {
  try {
    format(name || 'UTC');
    return name || 'UTC';
  } catch {
    return 'UTC';
  }
}

/** Milliseconds that a zone's clock is ahead of UTC at an instant. */
export function offsetAt(instant: number, zone: string): number {
  return wallAt(instant, zone) - Math.floor(instant / 1000) * 1000;
}

/** The day that it is in a zone at an instant. */
export function dayAt(instant: number, zone: string): Day {
  return dayOf(wallAt(instant, zone));
}

export function dayAfter(day: Day, days: number): Day {
  return dayOf(Date.UTC(day.year, day.month - 1, day.day + days));
}

/** The instant of a wall-clock time, the first of two; null where the clock jumps over it. */
export function instantOf(day: Day, hour: number, minute: number, zone: string): number | null {
  const wall = Date.UTC(day.year, day.month - 1, day.day, hour, minute);
  const offsets = [offsetAt(wall - DAY_MS, zone), offsetAt(wall + DAY_MS, zone)];
  const fitting = offsets.map((offset) => wall - offset).filter((instant) => wallAt(instant, zone) === wall);
  return fitting.length > 0 ? Math.min(...fitting) : null;
}

/** The instant at which a day begins: its first minute that there is. */
export function beginningOf(day: Day, zone: string): number {
  for (let minute = 0; minute < 24 * 60; minute += 15) {
    const instant = instantOf(day, Math.floor(minute / 60), minute % 60, zone);
    if (instant !== null) return instant;
  }
  return Date.UTC(day.year, day.month - 1, day.day);
}

/** What a zone's clock shows, as if it were UTC. */
function wallAt(instant: number, zone: string): number {
  const found: Record<string, number> = {};
  for (const { type, value } of format(zone).formatToParts(instant)) found[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function dayOf(wall: number): Day {
  const date = new Date(wall);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Throws RangeError for a zone that is none. */
function format(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  FORMATS.set(zone, made);
  return made;
}

/** The time zones that the browser knows by name. */
export const ZONES: readonly string[] =
  typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
