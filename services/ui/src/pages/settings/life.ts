/** How long a token is to live: `12h`, `30d`, `1d12h`; nothing for no end. */

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const WHOLE = /^(?:\d{1,6}[mhdwy]){1,5}$/;

/** Seconds, 0 for no end; null for text that is no time. */
export function lifeOf(text: string): number | null {
  const given = text.trim().replaceAll(/\s+/g, '');
  if (given === '') return 0;
  if (!WHOLE.test(given)) return null;
  let seconds = 0;
  for (const [, number, unit] of given.matchAll(/(\d+)([mhdwy])/g))
    seconds += Number(number) * (SECONDS[unit ?? ''] ?? 0);
  return seconds > 0 ? seconds : null;
}
