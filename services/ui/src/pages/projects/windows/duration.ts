/** Durations as Go writes them (`1h30m`); a bare whole number is seconds. */

export class DurationError extends Error {}

const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};
const PART = /(\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(ns|us|µs|μs|ms|s|m|h)/g;
const WHOLE = /^([+-]?)((?:(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:ns|us|µs|μs|ms|s|m|h)){1,16})$/;

/** Seconds. Throws DurationError, in the server's words. */
export function parseDuration(given: string): number {
  const text = given.trim();
  if (/^-?\d{1,12}$/.test(text)) return Number(text);
  const found = WHOLE.exec(text);
  if (found === null) throw new DurationError(`time: invalid duration "${text}"`);
  let seconds = 0;
  for (const [, number, unit] of (found[2] ?? '').matchAll(PART)) {
    seconds += Number(number) * (SECONDS[unit ?? ''] ?? 0);
  }
  return found[1] === '-' ? -seconds : seconds;
}
