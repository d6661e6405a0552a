/**
 * What of a manifest is not as its kind's schema says.
 *
 * The invariant: only what an API server would refuse or leave out is said; what is doubtful is let pass, since
 * the server is asked anyway before anything is written.
 */
import { isList, isObject, type Json, type JsonObject } from '../json';
import { field, isOpen, type KindSchema, resolved, type Schema, typeWord } from './schema';

export interface Finding {
  readonly path: readonly (string | number)[];
  /** Whether the name of the field is wrong, rather than its value. */
  readonly isKey: boolean;
  readonly message: string;
}

export const MAX_FINDINGS = 100;
const MAX_DEPTH = 64;

export function check(kind: KindSchema, manifest: Json): readonly Finding[] {
  const found: Finding[] = [];
  value(kind, resolved(kind, kind.schema), manifest, [], found);
  return found.slice(0, MAX_FINDINGS);
}

type Path = readonly (string | number)[];

function value(kind: KindSchema, schema: Schema, said: Json, path: Path, found: Finding[]): void {
  if (found.length >= MAX_FINDINGS || path.length > MAX_DEPTH || said === null) return;
  const choices = schema.oneOf ?? schema.anyOf;
  if (!schema.type && choices) return;
  const message = wrong(schema, said);
  if (message) found.push({ path, isKey: false, message });
  else if (isObject(said)) map(kind, schema, said, path, found);
  else if (isList(said) && schema.items) {
    const items = resolved(kind, schema.items);
    said.forEach((item, at) => {
      value(kind, items, item, [...path, at], found);
    });
  }
}

function map(kind: KindSchema, schema: Schema, said: JsonObject, path: Path, found: Finding[]): void {
  for (const [name, item] of Object.entries(said)) {
    if (found.length >= MAX_FINDINGS) return;
    const inner = field(schema, name);
    const place = [...path, name];
    if (inner) value(kind, resolved(kind, inner), item, place, found);
    else if (!isOpen(kind, schema)) found.push({ path: place, isKey: true, message: unknown(schema, name) });
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(said, name)) found.push({ path, isKey: true, message: `The field ${name} is needed here.` });
  }
}

function unknown(schema: Schema, name: string): string {
  const near = nearest(name, Object.keys(schema.properties ?? {}));
  return `There is no field ${name} here${near ? `; did you mean ${near}?` : '.'}`;
}

function wrong(schema: Schema, said: Json): string {
  const word = typeWord(schema);
  if (!isOfType(schema, said)) return `This has to be a ${word}, as in: ${example(schema)}`;
  const { enum: choices } = schema;
  if (choices && choices.length > 0 && !choices.some((choice) => choice === said)) {
    return `This has to be one of: ${choices.slice(0, 12).map(String).join(', ')}`;
  }
  if (typeof said === 'number' && typeof schema.minimum === 'number' && said < schema.minimum) {
    return `This has to be ${schema.minimum} or more.`;
  }
  if (typeof said === 'number' && typeof schema.maximum === 'number' && said > schema.maximum) {
    return `This has to be ${schema.maximum} or less.`;
  }
  return '';
}

function isOfType(schema: Schema, said: Json): boolean {
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') {
    return typeof said === 'string' || isWhole(said);
  }
  if (Array.isArray(schema.type)) {
    return schema.type.some((type: string) => type === 'null' || isOfType({ ...schema, type }, said));
  }
  switch (schema.type) {
    case 'object':
      return isObject(said);
    case 'array':
      return isList(said);
    case 'string':
      return typeof said === 'string' || (typeof said === 'number' && isQuantity(schema));
    case 'integer':
      return isWhole(said);
    case 'number':
      return typeof said === 'number' || typeof said === 'bigint';
    case 'boolean':
      return typeof said === 'boolean';
    default:
      return true;
  }
}

function isWhole(said: Json): boolean {
  return typeof said === 'bigint' || (typeof said === 'number' && Number.isInteger(said));
}

/** Quantities are texts to the schema, but may be written as numbers. */
function isQuantity(schema: Schema): boolean {
  return schema.description?.startsWith('Quantity is a fixed-point') ?? false;
}

function example(schema: Schema): string {
  switch (schema.type) {
    case 'object':
      return 'key: value';
    case 'array':
      return '- item';
    case 'string':
      return '"text"';
    case 'boolean':
      return 'true';
    case 'integer':
      return '3';
    default:
      return '1.5';
  }
}

/** The name that was meant, if one is at most two letters away. */
function nearest(name: string, names: readonly string[]): string {
  const scored = names
    .filter((one) => Math.abs(one.length - name.length) <= 2)
    .slice(0, 500)
    .map((one): [number, string] => [distance(name.toLowerCase(), one.toLowerCase()), one]);
  const [best] = scored.sort(([one], [other]) => one - other);
  return best && best[0] <= 2 ? best[1] : '';
}

function distance(one: string, other: string): number {
  if (one.length > 64 || other.length > 64) return 99;
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, same));
    }
    row = next;
  }
  return row[other.length] ?? 99;
}
