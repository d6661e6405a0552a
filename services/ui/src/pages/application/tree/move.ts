/** Where the keys of a tree lead, as WAI-ARIA's tree pattern has it. */

import type { Picture, Shown } from './picture';

export type Step =
  | { do: 'go'; id: string }
  | { do: 'open'; id: string }
  | { do: 'close'; id: string }
  | { do: 'choose'; id: string }
  | null;

/** Milliseconds between letters of one word that is typed to find a name. */
export const TYPING = 600;

/** What a key does when `active` is where one is. */
export function stepOf(picture: Picture, active: string, key: string): Step {
  const index = picture.at.get(active);
  const here = index === undefined ? undefined : picture.shown[index];
  if (index === undefined || !here) return go(picture.shown[0]);
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return go(picture.shown[index + 1]);
    case 'ArrowUp':
    case 'k':
      return go(picture.shown[index - 1]);
    case 'ArrowRight':
      if (here.isOpen === false) return { do: 'open', id: here.id };
      return here.isOpen ? go(picture.shown[index + 1]) : null;
    case 'ArrowLeft':
      if (here.isOpen) return { do: 'close', id: here.id };
      return here.parent === null ? null : { do: 'go', id: here.parent };
    case 'Home':
      return go(picture.shown[0]);
    case 'End':
      return go(picture.shown.at(-1));
    case 'Enter':
    case ' ':
      return { do: 'choose', id: here.id };
    default:
      return null;
  }
}

function go(to: Shown | undefined): Step {
  return to ? { do: 'go', id: to.id } : null;
}

/** The next node, from `active` on and around, whose name begins with what was typed. */
export function found(picture: Picture, active: string, typed: string): string | null {
  const start = (picture.at.get(active) ?? 0) + (typed.length > 1 ? 0 : 1);
  const count = picture.shown.length;
  const wanted = typed.toLowerCase();
  for (let step = 0; step < count; step += 1) {
    const one = picture.shown[(start + step) % count];
    const name = one?.object?.name ?? one?.pile?.kind ?? '';
    if (one && name.toLowerCase().startsWith(wanted)) return one.id;
  }
  return null;
}

/** The next node in trouble after `active`, around the end; null when nothing is wrong. */
export function nextTrouble(
  picture: Picture,
  active: string | null,
  isTrouble: (one: Shown) => boolean,
): string | null {
  const start = active === null ? 0 : (picture.at.get(active) ?? -1) + 1;
  const count = picture.shown.length;
  for (let step = 0; step < count; step += 1) {
    const one = picture.shown[(start + step) % count];
    if (one && isTrouble(one)) return one.id;
  }
  return null;
}
