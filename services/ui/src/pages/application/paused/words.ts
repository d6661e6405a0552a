/** What a pause says to people, as the controller tells of it. */

import type { Paused } from '@/api/schema';

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

/** What does not happen meanwhile. */
export function meanwhile(pauses: readonly Paused[]): string {
  if (pauses.some((one) => one.frozen)) return 'Nothing is synced or healed, by hand neither.';
  return 'Nothing is synced or healed by itself; a person may sync.';
}
