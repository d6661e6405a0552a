/**
 * Five-field cron schedules, read exactly as the server reads those of sync windows: `*`, `?`, lists, ranges,
 * steps, English three-letter names, `@daily` and its like. When both days are restricted either is enough.
 *
 * A library would be one with other edges (seconds, `L`, `#`, clocks that jump): what the calendar shows must
 * be what the server does.
 */

export interface Schedule {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Sunday is 0. */
  readonly weekdays: ReadonlySet<number>;
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
}

/** A day of the calendar; months are 1 to 12. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export class CronError extends Error {}

const MAX_TEXT = 256;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

type Names = Readonly<Record<string, number>>;

const NO_NAMES: Names = {};
const MONTHS: Names = numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1);
const WEEKDAYS: Names = numbered('sun mon tue wed thu fri sat', 0);

/** Throws CronError, in the server's words. */
export function parseCron(text: string): Schedule {
  if (text.length > MAX_TEXT) throw new CronError(`schedule is longer than ${MAX_TEXT} characters`);
  const fields = words(NICKNAMES[text.trim()] ?? text);
  const [minute, hour, day, month, weekday] = fields;
  if (
    fields.length !== 5 ||
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined
  ) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: "${text}"`);
  }
  return {
    minutes: sorted(readField(minute, 0, 59, NO_NAMES)),
    hours: sorted(readField(hour, 0, 23, NO_NAMES)),
    days: readField(day, 1, 31, NO_NAMES),
    months: readField(month, 1, 12, MONTHS),
    weekdays: new Set([...readField(weekday, 0, 7, WEEKDAYS)].map((number) => number % 7)),
    anyDay: isStar(day),
    anyWeekday: isStar(weekday),
  };
}

/** Whether the schedule fires on a day at all. */
export function isOn(schedule: Schedule, day: Day): boolean {
  if (!schedule.months.has(day.month)) return false;
  const byDay = schedule.days.has(day.day);
  const byWeekday = schedule.weekdays.has(weekdayOf(day));
  return schedule.anyDay || schedule.anyWeekday ? byDay && byWeekday : byDay || byWeekday;
}

function weekdayOf(day: Day): number {
  return new Date(Date.UTC(day.year, day.month - 1, day.day)).getUTCDay();
}

function readField(text: string, low: number, high: number, names: Names): Set<number> {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    for (const number of readPart(part, low, high, names)) found.add(number);
  }
  return found;
}

function* readPart(text: string, low: number, high: number, names: Names): Generator<number> {
  const [span, stepText] = cut(text, '/');
  const step = stepText === null ? 1 : readNumber(stepText, NO_NAMES);
  const [first, last] = cut(span, '-');
  let start: number;
  let end: number;
  if (span === '*' || span === '?') {
    start = low;
    end = high === 7 ? 6 : high;
  } else if (last !== null) {
    start = readNumber(first, names);
    end = readNumber(last, names);
  } else {
    start = readNumber(first, names);
    end = stepText === null ? start : high;
  }
  if (!(low <= start && start <= end && end <= high) || step < 1) {
    throw new CronError(`"${text}" is outside ${low}-${high}`);
  }
  for (let number = start; number <= end; number += step) yield number;
}

function readNumber(text: string, names: Names): number {
  const named = names[text.toLowerCase()];
  if (named !== undefined) return named;
  if (!/^\d{1,4}$/.test(text)) throw new CronError(`"${text}" is no number`);
  return Number(text);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

function cut(text: string, mark: string): [string, string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + mark.length)];
}

function isStar(field: string): boolean {
  return field.startsWith('*') || field.startsWith('?');
}

function sorted(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

function numbered(text: string, from: number): Names {
  return Object.fromEntries(text.split(' ').map((name, at) => [name, at + from]));
}
