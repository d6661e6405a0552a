/**
 * Text that somebody else wrote, made harmless for the eye: what would turn the reading direction, move a cursor, colour a
 * terminal or show nothing at all is either taken out or shown as a sign. (That it is no HTML is React's doing.)
 */

/** A piece of text as it is, or a sign for something that cannot be seen. */
export interface Piece {
  text: string;
  /** The name of what is shown as a sign, e.g. `U+202E`. */
  sign?: string;
}

/**
 * ECMA-48: control sequences, strings up to their terminator (titles, links), and two-character escapes. What is begun and
 * not ended hides nothing; no part can be matched in two ways, so that it takes time in proportion to the text.
 */
const ANSI =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u0080-\u009f\n]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-OQ-WYZ\\`-~]/g;

/** Controls but tab and newline, what turns the direction, what is invisible, tags, and lone surrogates. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

/** The text without terminal sequences; carriage returns before a newline go as well. */
export function withoutAnsi(text: string): string {
  return text.replace(ANSI, '').replace(/\r+\n/g, '\n');
}

/** The pieces to show of a text. */
export function pieces(text: string): Piece[] {
  const clean = withoutAnsi(text);
  const found: Piece[] = [];
  let end = 0;
  for (const match of clean.matchAll(UNSEEN)) {
    if (match.index > end) found.push({ text: clean.slice(end, match.index) });
    found.push({ text: signOf(match[0]), sign: codePoint(match[0]) });
    end = match.index + match[0].length;
  }
  if (end < clean.length) found.push({ text: clean.slice(end) });
  return found;
}

/** The text as one string, for titles, labels and editors. */
export function inert(text: string): string {
  return withoutAnsi(text).replace(UNSEEN, signOf);
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function signOf(character: string): string {
  return `‹${codePoint(character)}›`;
}
