/** What a pause says to people, as the controller tells of it. */

import type { Paused, Pinned } from '@/api/schema';

/** `Frozen with project shop by ann: Black Friday`; the end is told beside it, as it comes nearer. */
export function pausedWords(pause: Paused): string {
  const of =
    pause.scope === 'application'
      ? ''
      : pause.scope === 'instance'
        ? 'everything'
        : `${pause.scope} ${pause.name ?? ''}`;
  const said = [pause.frozen ? 'Frozen' : 'Paused', of && `with ${of}`, pause.by && `by ${pause.by}`]
    .filter(Boolean)
    .join(' ');
  return [said, pause.reason, pause.problem && `${pause.problem}; it holds until that is mended`]
    .filter(Boolean)
    .join(': ');
}

/** `Pinned to 1a2b3c4 until a newer commit by ann: INC-482`. */
export function pinnedWords(pin: Pinned): string {
  const revisions = pin.revisions.map((one) => one.slice(0, 12)).join(', ');
  const newer = pin.newerThan?.length ? 'until a newer commit' : '';
  const said = ['Pinned to', revisions, newer, pin.by && `by ${pin.by}`].filter(Boolean).join(' ');
  return [said, pin.reason].filter(Boolean).join(': ');
}

/** What does not happen meanwhile. */
export function meanwhile(pauses: readonly Paused[]): string {
  if (pauses.some((one) => one.frozen)) return 'Nothing is synced or healed, by hand neither.';
  return 'Nothing is synced or healed by itself; a person may sync.';
}
