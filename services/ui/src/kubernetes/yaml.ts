/**
 * Manifests as YAML: written by hand, because five megabytes must not stop the page, and read by `yaml`.
 *
 * The invariant: what is written is read again as the same value, and shows every character that could make it
 * look like another one (controls, marks of direction) as an escape.
 */
import { parseDocument } from 'yaml';
import { isList, isObject, type Json } from './json';

const PLAIN = /^[A-Za-z_/](?:[\w./@+=,;()%*&$^~|<>?![\]{}'"`\\-]|:(?=[^\s:])| (?=[^\s#:]))*$/;
const QUANTITY = /^\d+(?:\.\d+)?(?:m|[kKMGTP]i?|s|h)$/;
const WORDS = /^(?:true|false|yes|no|on|off|null|y|n|nan|inf)$/i;
const HIDDEN =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/g;
/** Characters that a block of text cannot show as they are. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSHOWN = /[\u0000-\u0008\u000b-\u001f]/;
const LONE = /\p{Surrogate}/u;
const LONGEST_KEY = 1000;
const LONGEST_PLAIN = 4096;
const LONGEST_BLOCK = 4 * 1024 * 1024;

export function toYaml(value: Json): string {
  const out: string[] = [];
  if (isList(value) && value.length > 0) writeList(value, '', out);
  else if (isObject(value) && Object.keys(value).length > 0) writeMap(value, '', out);
  else out.push(scalar(value, ''), '\n');
  return out.join('');
}

/** The lines of a map; the first one's indentation is written already when `begun`. */
function writeMap(map: { readonly [key: string]: Json }, indent: string, out: string[], begun = false): void {
  let isFirst = begun;
  for (const key of Object.keys(map)) {
    if (!isFirst) out.push(indent);
    isFirst = false;
    const name = keyOf(key);
    if (name.length > LONGEST_KEY) out.push('? ', name, '\n', indent);
    else out.push(name);
    out.push(':');
    writeValue(map[key] ?? null, indent, out);
  }
}

function writeValue(value: Json, indent: string, out: string[]): void {
  if (isList(value) && value.length > 0) {
    out.push('\n');
    writeList(value, indent, out);
  } else if (isObject(value) && Object.keys(value).length > 0) {
    out.push('\n');
    writeMap(value, `${indent}  `, out);
  } else {
    out.push(' ', scalar(value, `${indent}  `), '\n');
  }
}

function writeList(list: readonly Json[], indent: string, out: string[]): void {
  for (const item of list) {
    out.push(indent, '- ');
    if (isObject(item) && Object.keys(item).length > 0) writeMap(item, `${indent}  `, out, true);
    else if (isList(item) && item.length > 0) {
      out.push('\n');
      writeList(item, `${indent}  `, out);
    } else out.push(scalar(item, `${indent}  `), '\n');
  }
}

function keyOf(key: string): string {
  return isPlain(key) ? key : quoted(key);
}

function scalar(value: Json, indent: string): string {
  if (typeof value !== 'string') return isList(value) ? '[]' : isObject(value) ? '{}' : number(value);
  if (isPlain(value) || QUANTITY.test(value)) return value;
  return isBlock(value) ? block(value, indent) : quoted(value);
}

function number(value: null | boolean | number | bigint): string {
  return value === null ? 'null' : String(value);
}

function isPlain(text: string): boolean {
  return text.length < LONGEST_PLAIN && PLAIN.test(text) && !WORDS.test(text) && !isHidden(text);
}

function isHidden(text: string): boolean {
  HIDDEN.lastIndex = 0;
  return HIDDEN.test(text);
}

/** Whether a text of several lines can be shown as them. */
function isBlock(text: string): boolean {
  const isOpen = text.includes('\n') && !/^[\s]/.test(text) && !/\n[ \t]+$/.test(text);
  return isOpen && text.length < LONGEST_BLOCK && !UNSHOWN.test(text) && !isHidden(text) && !LONE.test(text);
}

function block(text: string, indent: string): string {
  const chomp = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') ? '+' : '';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n').map((line) => (line ? `${indent}${line}` : ''));
  return `|${chomp}\n${lines.join('\n')}`;
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(HIDDEN, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What of a text cannot be read, and where it is in it. */
export interface YamlProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

export type Read = { readonly value: Json } | { readonly problems: readonly YamlProblem[] };

/** How often a text may say what it said before, at most: a few lines must not become gigabytes. */
const MAX_ALIASES = 100;

/** Reads one document. */
export function fromYaml(text: string): Read {
  const document = parseDocument(text, { intAsBigInt: true, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, 20).map((error) => ({
      message: error.message,
      from: error.pos[0],
      to: Math.max(error.pos[0], error.pos[1]),
    }));
    return { problems };
  }
  try {
    return { value: tidy(document.toJS({ maxAliasCount: MAX_ALIASES })) };
  } catch (error) {
    return { problems: [{ message: error instanceof Error ? error.message : 'cannot be read', from: 0, to: 0 }] };
  }
}

function tidy(value: unknown): Json {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]): [string, Json] => [key, tidy(item)]);
    return Object.fromEntries(entries);
  }
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? value : null;
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}
