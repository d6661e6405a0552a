/** Times in words. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time of the API: RFC 3339, seconds or milliseconds since the epoch, or a Date. Null where it is none. */
export type Moment = string | number | Date | null | undefined;

/** Seconds since the epoch stay below this for 3,000 years; milliseconds are above it since 1973. */
const LAST_SECOND = 100_000_000_000;

/** Milliseconds since the epoch, or null. */
export function millisecondsOf(moment: Moment): number | null {
  if (moment === null || moment === undefined || moment === '') return null;
  if (moment instanceof Date) return Number.isNaN(moment.getTime()) ? null : moment.getTime();
  if (typeof moment === 'number') return moment > LAST_SECOND ? moment : moment * SECOND;
  const parsed = Date.parse(moment);
  return Number.isNaN(parsed) || parsed <= -62_135_596_800_000 ? null : parsed;
}

/** `just now`, `12 s ago`, `3 min ago`, `5 h ago`, `12 d ago`, `in 3 min`. */
export function relative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 2 * SECOND) return 'just now';
  const words = duration(distance);
  return at > now ? `in ${words}` : `${words} ago`;
}

/** One unit, rounded down: `340 ms`, `4 s`, `3 min`, `5 h`, `12 d`, `2 y`. */
export function duration(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < SECOND) return `${Math.round(span)} ms`;
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)} h`;
  if (span < 730 * DAY) return `${Math.floor(span / DAY)} d`;
  return `${Math.floor(span / (365 * DAY))} y`;
}

/** Two units, for what took so long: `1.2 s`, `3 min 20 s`, `1 h 5 min`. */
export function exactDuration(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < SECOND) return `${Math.round(span)} ms`;
  if (span < 10 * SECOND) return `${(span / SECOND).toFixed(1)} s`;
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min ${Math.floor((span % MINUTE) / SECOND)} s`;
  if (span < DAY) return `${Math.floor(span / HOUR)} h ${Math.floor((span % HOUR) / MINUTE)} min`;
  return `${Math.floor(span / DAY)} d ${Math.floor((span % DAY) / HOUR)} h`;
}

const EXACT = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** The exact time in the reader's zone. */
export function exact(at: number): string {
  return EXACT.format(at);
}

/** Milliseconds after which `relative` says something else at the earliest. */
export function nextChange(at: number, now: number): number {
  const distance = Math.abs(now - at);
  if (distance < MINUTE) return SECOND;
  if (distance < HOUR) return 10 * SECOND;
  return MINUTE;
}
