/**
 * The server's clock, by which the times of its answers are: that of a reader may be minutes off, and what has just happened
 * would be told as `in 3 min`.
 */

/** Milliseconds by which clocks differ and nobody minds: answers name whole seconds, and take a while. */
export const TOLERATED = 5_000;

let ahead = 0;

/** An answer said when it was made, in its `Date`. */
export function heardDate(said: string | null, now = Date.now()): void {
  const moment = said ? Date.parse(said) : Number.NaN;
  if (Number.isNaN(moment)) return;
  const difference = moment + 500 - now;
  if (Math.abs(difference) <= TOLERATED) ahead = 0;
  else if (Math.abs(difference - ahead) > TOLERATED) ahead = difference;
}

/** Milliseconds since the epoch, as the server has it. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** A moment of this machine's clock, by the server's. */
export function byServer(moment: number): number {
  return moment + ahead;
}
