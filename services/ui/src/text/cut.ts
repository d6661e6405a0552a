/** Cutting what is too long to be shown at once. */

/** Characters of a text that are shown unasked. */
export const SHOWN = 2_000;
/** Characters that each "show more" adds: what a browser lays out without being felt. */
export const STEP = 50_000;

/** At most `length` characters and `lines` lines of a text; never half of a surrogate pair. */
export function cut(text: string, length: number, lines = Number.POSITIVE_INFINITY): string {
  let end = Math.min(length, text.length);
  if (Number.isFinite(lines)) {
    let at = -1;
    for (let line = 0; line < lines; line += 1) {
      at = text.indexOf('\n', at + 1);
      if (at === -1) break;
    }
    if (at !== -1) end = Math.min(end, at);
  }
  if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
