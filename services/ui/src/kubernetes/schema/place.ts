/**
 * Where in a manifest a cursor is, by the indentation of its lines alone: while somebody types, the text is
 * seldom YAML that can be read.
 */
export interface Place {
  /** The maps and lists around the cursor; a number stands for any place in a list. */
  readonly path: readonly (string | number)[];
  /** The field whose value is being written; '' while its name is. */
  readonly key: string;
  /** What is written already of the name or the value. */
  readonly prefix: string;
  /** The fields that the same map has already. */
  readonly siblings: readonly string[];
}

const KEY = /^((?:- +)*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:'"[\]{},][^:#]*?)\s*:(?:\s|$)/;
/** Lines that are looked at above and below the cursor. */
const REACH = 5000;

interface Line {
  readonly indent: number;
  /** Columns of the dashes in front of it. */
  readonly dashes: readonly number[];
  /** The column where what is behind the dashes begins. */
  readonly column: number;
  readonly key: string;
}

/** The place of a cursor: `column` characters into `lines[at]`. */
export function placeAt(lines: readonly string[], at: number, column: number): Place | null {
  const text = (lines[at] ?? '').slice(0, column);
  if (/^\s*#/.test(text) || /\s#/.test(text)) return null;
  const here = read(text);
  const rest = text.slice(here.column);
  const valued = /^([^:]+):\s+(.*)$/.exec(rest);
  const key = valued ? unquoted(valued[1] ?? '') : '';
  const prefix = valued ? (valued[2] ?? '') : rest;
  if (!valued && /^[^\w"'$-]/.test(rest) && rest !== '') return null;
  return { path: around(lines, at, here), key, prefix, siblings: siblings(lines, at, here) };
}

function read(text: string): Line {
  const dashes: number[] = [];
  let column = text.length - text.trimStart().length;
  const indent = column;
  while (/^- |^-$/.test(text.slice(column))) {
    dashes.push(column);
    column += 1;
    while (text[column] === ' ') column++;
  }
  const found = KEY.exec(text.slice(column));
  return { indent, dashes, column, key: found ? unquoted(found[2] ?? '') : '' };
}

function unquoted(text: string): string {
  const bare = text.trim();
  return /^".*"$|^'.*'$/.test(bare) ? bare.slice(1, -1) : bare;
}

function isBlank(text: string): boolean {
  return /^\s*(?:#.*)?$/.test(text);
}

/** The fields and lists that a line is in, found by going up to ever smaller indentation. */
function around(lines: readonly string[], at: number, here: Line): (string | number)[] {
  const path: (string | number)[] = here.dashes.map(() => 0);
  let inside = outerOf(here);
  for (let up = at - 1; up >= Math.max(0, at - REACH) && (inside.isList || inside.column > 0); up--) {
    const text = lines[up] ?? '';
    if (isBlank(text)) continue;
    const line = read(text);
    const isItem = line.dashes.length > 0;
    if (line.column > inside.column || (inside.isList && line.dashes.includes(inside.column))) continue;
    if (!inside.isList && line.column === inside.column) {
      if (!isItem) continue;
    } else {
      if (!line.key) continue;
      path.unshift(line.key);
    }
    path.unshift(...line.dashes.map(() => 0));
    inside = outerOf(line);
  }
  return path;
}

/** What a line is in: the list of its first dash, or the map at its column. */
function outerOf(line: Line): { readonly isList: boolean; readonly column: number } {
  const [dash] = line.dashes;
  return dash === undefined ? { isList: false, column: line.column } : { isList: true, column: dash };
}

/** The names of the fields of the same map, up and down until a line that ends it. */
function siblings(lines: readonly string[], at: number, here: Line): string[] {
  const found: string[] = [];
  for (let up = at - 1; here.dashes.length === 0 && up >= Math.max(0, at - REACH); up--) {
    const text = lines[up] ?? '';
    if (isBlank(text)) continue;
    const line = read(text);
    if (line.column < here.column) break;
    if (line.column === here.column && line.key) found.push(line.key);
    if (line.column === here.column && line.dashes.length > 0) break;
  }
  for (let down = at + 1; down < Math.min(lines.length, at + REACH); down++) {
    const text = lines[down] ?? '';
    if (isBlank(text)) continue;
    const line = read(text);
    if (line.indent < here.column) break;
    if (line.column === here.column && line.dashes.length === 0 && line.key) found.push(line.key);
  }
  return found;
}
