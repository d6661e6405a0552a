/**
 * Values of manifests. Whole numbers that a double cannot hold are kept as `bigint`, so that what is read and
 * written again is the same.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const LONG_NUMBER = /\d{16}/;
/** A text, to be passed over, or a whole number that may be too long for a double. */
const TEXT_OR_LONG = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
const MARK = '\u0000integer ';

/** Reads JSON. Throws SyntaxError. */
export function parseJson(text: string): Json {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const marked = text.replace(TEXT_OR_LONG, (found) => (found.startsWith('"') ? found : `"\\u0000integer ${found}"`));
  return JSON.parse(marked, exact);
}

/** An object read from JSON; null for whatever else it is, and for what cannot be read. */
export function parseObject(text: string | null | undefined): JsonObject | null {
  if (!text) return null;
  try {
    const found = parseJson(text);
    return isObject(found) ? found : null;
  } catch {
    return null;
  }
}

function exact(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
  const number = BigInt(value.slice(MARK.length));
  return Number.isSafeInteger(Number(number)) ? Number(number) : number;
}

/** Writes JSON. */
export function toJson(value: Json): string {
  if (typeof value === 'bigint') return value.toString();
  if (isList(value)) return `[${value.map(toJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${toJson(item)}`);
  return `{${fields.join(',')}}`;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What is at a place; undefined when nothing is there. */
export function valueAt(value: Json | undefined, path: readonly (string | number)[]): Json | undefined {
  let found = value;
  for (const part of path) {
    if (isObject(found) && Object.hasOwn(found, String(part))) found = found[String(part)];
    else if (isList(found)) found = found[Number(part)];
    else return undefined;
  }
  return found;
}

export function textAt(value: Json | undefined, ...path: (string | number)[]): string {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : '';
}

export function objectAt(value: Json | undefined, ...path: (string | number)[]): JsonObject {
  const found = valueAt(value, path);
  return isObject(found) ? found : {};
}

export function listAt(value: Json | undefined, ...path: (string | number)[]): readonly Json[] {
  const found = valueAt(value, path);
  return isList(found) ? found : [];
}

/** Whether two values are the same, whatever the order of their fields. */
export function isEqual(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (isList(one) && isList(other)) {
    return one.length === other.length && one.every((item, place) => isEqual(item, other[place]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  );
}

/** The same with ordinary numbers only, for others' code; and a copy, so that nothing of ours is changed there. */
export function plain(value: Json): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
