/**
 * When sync windows are open: the times at which a schedule fires, each of which opens a window for its duration.
 *
 * Invariant: a window that cannot be read has no times here and says why; nothing is guessed.
 */

import { CronError, type Day, isOn, parseCron, type Schedule } from './cron';
import { DurationError, parseDuration } from './duration';
import { beginningOf, DAY_MS, dayAfter, dayAt, instantOf, knownZone, offsetAt } from './zone';

/** What says when a window is open, as it is in a project. */
export interface Timed {
  readonly schedule?: string;
  readonly duration?: string;
  readonly timeZone?: string;
}

/** Milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Openings {
  readonly spans: readonly Span[];
  /** Why there are none; "" where the window can be read. */
  readonly problem: string;
}

/** Days that are looked back for what opened a window that is still open. */
const MAX_DAYS_BACK = 3660;

/** When a window is open within a span, overlapping times made one. */
export function openings(window: Timed, within: Span): Openings {
  try {
    const schedule = parseCron(window.schedule ?? '');
    const duration = parseDuration(window.duration ?? '') * 1000;
    return { spans: opened(schedule, duration, knownZone(window.timeZone ?? ''), within), problem: '' };
  } catch (error) {
    if (error instanceof CronError || error instanceof DurationError) return { spans: [], problem: error.message };
    throw error;
  }
}

/** Whether a window is open at an instant. */
export function isOpenAt(window: Timed, now: number): boolean {
  return openings(window, { from: now, to: now + 1 }).spans.length > 0;
}

/** The next few times that a window opens, for who writes one. */
export function nextOpenings(window: Timed, now: number, count: number): Openings {
  for (const days of [15, 100, 366 * 4]) {
    const found = openings(window, { from: now, to: now + days * DAY_MS });
    if (found.problem || found.spans.length > count || days > 366)
      return { ...found, spans: found.spans.slice(0, count) };
  }
  return { spans: [], problem: '' };
}

/** Days from the one that an instant is in, with what lies in each. */
export function daysFrom(now: number, count: number, zone: string): { readonly day: Day; readonly span: Span }[] {
  const first = dayAt(now, zone);
  return Array.from({ length: count }, (_, at) => {
    const day = dayAfter(first, at);
    return { day, span: { from: beginningOf(day, zone), to: beginningOf(dayAfter(day, 1), zone) } };
  });
}

/** The part of a span that lies within another, or null. */
export function clipped(span: Span, within: Span): Span | null {
  const from = Math.max(span.from, within.from);
  const to = Math.min(span.to, within.to);
  return from < to ? { from, to } : null;
}

function opened(schedule: Schedule, duration: number, zone: string, within: Span): Span[] {
  if (duration <= 0) return [];
  const fires = firesBetween(schedule, within.from, within.to, zone);
  const before = lastFire(schedule, within.from - duration, within.from, zone);
  const spans: Span[] = [];
  for (const fire of before === null ? fires : [before, ...fires]) {
    const span = clipped({ from: fire, to: fire + duration }, within);
    const last = spans.at(-1);
    if (span === null) continue;
    if (last !== undefined && span.from <= last.to)
      spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else spans.push(span);
  }
  return spans;
}

/** Times in [from, to), in order. */
function firesBetween(schedule: Schedule, from: number, to: number, zone: string): number[] {
  const found: number[] = [];
  const last = dayAt(to, zone);
  for (let day = dayAt(from, zone); !isAfter(day, last); day = dayAfter(day, 1)) {
    for (const fire of firesOn(schedule, day, zone)) if (from <= fire && fire < to) found.push(fire);
  }
  return found;
}

/** The last time in (after, before); of all that lie before a span only it can reach furthest into it. */
function lastFire(schedule: Schedule, after: number, before: number, zone: string): number | null {
  const first = dayAt(after, zone);
  let day = dayAt(before, zone);
  for (let looked = 0; looked < MAX_DAYS_BACK && !isAfter(first, day); looked += 1) {
    const fires = firesOn(schedule, day, zone).filter((fire) => after < fire && fire < before);
    const last = fires.at(-1);
    if (last !== undefined) return last;
    day = dayAfter(day, -1);
  }
  return null;
}

function firesOn(schedule: Schedule, day: Day, zone: string): number[] {
  if (!isOn(schedule, day)) return [];
  const wall = Date.UTC(day.year, day.month - 1, day.day);
  const offset = offsetAt(wall - DAY_MS, zone);
  const isSteady = offset === offsetAt(wall + 2 * DAY_MS, zone);
  const found: number[] = [];
  for (const hour of schedule.hours) {
    for (const minute of schedule.minutes) {
      const instant = isSteady ? wall + (hour * 60 + minute) * 60_000 - offset : instantOf(day, hour, minute, zone);
      if (instant !== null) found.push(instant);
    }
  }
  return found.sort((a, b) => a - b);
}

function isAfter(one: Day, other: Day): boolean {
  return Date.UTC(one.year, one.month, one.day) > Date.UTC(other.year, other.month, other.day);
}
