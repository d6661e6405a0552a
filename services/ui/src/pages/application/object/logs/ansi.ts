/**
 * A line of a log as pieces of text with the colours that it asks for (ECMA-48, SGR).
 *
 * The invariant: nothing but colour and weight comes of it. Every other sequence (moving the cursor, titles,
 * links) is left out, and a control character or a mark of direction is shown as a sign of its own.
 */
import { inert } from '@/text/inert';

export interface Style {
  /** One of 16 colours. */
  readonly colour?: number;
  readonly background?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
  readonly strike?: boolean;
}

export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** A sequence with what it carries; of one that does not end, what surely belongs to it. */
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
  /\u001b(?:\[([0-?]*)[ -/]*([@-~])?|[\]PX^_](?:[^\u0007\u001b]*(?:\u0007|\u001b\\))?|[ -/]*[0-~]?)|\u009b([0-?]*)[ -/]*([@-~])?/g;
const PLAIN: Style = {};

/** What only lines have that need any of this. */
const SPECIAL = /[^\t\x20-\x7e]/;

export function spansOf(line: string): readonly Span[] {
  if (!SPECIAL.test(line)) return line ? [{ text: line, style: PLAIN }] : [];
  const spans: Span[] = [];
  let style = PLAIN;
  let from = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    put(spans, line.slice(from, match.index), style);
    from = match.index + match[0].length;
    if ((match[2] ?? match[4]) === 'm') style = styled(style, match[1] ?? match[3] ?? '');
  }
  put(spans, line.slice(from), style);
  return spans;
}

/** The text alone, as it is shown. */
export function stripped(line: string): string {
  return SPECIAL.test(line) ? inert(line.replace(SEQUENCE, '')) : line;
}

function put(spans: Span[], text: string, style: Style): void {
  if (text) spans.push({ text: inert(text), style });
}

function styled(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((part) => (part === '' ? 0 : Number(part)));
  let found: Style = style;
  for (let at = 0; at < codes.length; at++) {
    const value = codes[at] ?? 0;
    if (value === 38 || value === 48) {
      const [colour, taken] = extended(codes, at + 1);
      at += taken;
      if (colour !== null) found = value === 38 ? { ...found, colour } : { ...found, background: colour };
    } else {
      found = simple(found, value);
    }
  }
  return found;
}

const ON: Record<number, Style> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
};
const OFF: Record<number, readonly (keyof Style)[]> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
  39: ['colour'],
  49: ['background'],
};

function simple(style: Style, value: number): Style {
  if (value === 0) return PLAIN;
  const on = ON[value];
  if (on) return { ...style, ...on };
  const off = OFF[value];
  if (off) return Object.fromEntries(Object.entries(style).filter(([name]) => !off.includes(name as keyof Style)));
  if (value >= 30 && value <= 37) return { ...style, colour: value - 30 };
  if (value >= 90 && value <= 97) return { ...style, colour: value - 82 };
  if (value >= 40 && value <= 47) return { ...style, background: value - 40 };
  if (value >= 100 && value <= 107) return { ...style, background: value - 92 };
  return style;
}

/** A colour of 256, or of red, green and blue, as the nearest of the 16; and how many codes said it. */
function extended(codes: readonly number[], at: number): [number | null, number] {
  if (codes[at] === 5) return [ofPalette(codes[at + 1] ?? -1), 2];
  if (codes[at] === 2) return [nearest(codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0), 4];
  return [null, 1];
}

function ofPalette(index: number): number | null {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return index;
  if (index >= 232) return index < 238 ? 8 : index < 250 ? 7 : 15;
  const cube = index - 16;
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) return most < 64 ? 0 : most < 128 ? 8 : most < 208 ? 7 : 15;
  const middle = (most + least) / 2;
  const hue = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
  return most > 200 ? hue + 8 : hue;
}
