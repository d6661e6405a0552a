/**
 * What the values of a chart may be: by its `values.schema.json`, if it has one, and by its own values.
 *
 * The invariant: both are a stranger's. What of a schema is not as it has to be counts as not said, and nothing is
 * called missing, since the chart's own values stand behind what is written.
 */
import { isList, isObject, type Json, type JsonObject } from '../json';
import { fromYaml } from '../yaml';
import type { KindSchema, Schema } from './schema';

const MAX_DEPTH = 32;
/** Parts of a schema that are read; a larger one proposes and checks less. */
const MAX_PARTS = 20_000;
const MAX_VALUES_READ = 512 * 1024;

/** The schema of a chart's values. */
export function chartSchema(values: string, rules: unknown): KindSchema {
  const room = { parts: MAX_PARTS };
  const said: Schema = isRecord(rules) ? ruleOf(rules, room, 0) : {};
  const definitions = isRecord(rules) ? definitionsOf(rules, room) : {};
  const read = values.length > MAX_VALUES_READ ? null : fromYaml(values);
  const own = read !== null && 'value' in read && isObject(read.value) ? shapeOf(read.value, 0) : {};
  return { schema: both({ type: 'object', ...said }, own, definitions, 0), definitions, isOpen: true };
}

type Room = { parts: number };

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ruleOf(raw: unknown, room: Room, depth: number): Schema {
  if (!isRecord(raw) || depth > MAX_DEPTH || room.parts-- <= 0) return {};
  const inner = (value: unknown) => ruleOf(value, room, depth + 1);
  const text = (key: string) => (typeof raw[key] === 'string' ? { [key]: raw[key] } : {});
  const number = (key: string) => (typeof raw[key] === 'number' ? { [key]: raw[key] } : {});
  const parts = (key: string) => (isRecord(raw[key]) ? { [key]: mapped(raw[key], inner) } : {});
  const choices = (key: string) => (Array.isArray(raw[key]) ? { [key]: raw[key].slice(0, 64).map(inner) } : {});
  const others = raw['additionalProperties'];
  return {
    ...text('$ref'),
    ...text('description'),
    ...typeOf(raw['type']),
    ...enumOf(raw),
    ...(raw['default'] === undefined ? {} : { default: raw['default'] }),
    ...number('minimum'),
    ...number('maximum'),
    ...parts('properties'),
    ...parts('patternProperties'),
    ...(isRecord(others) ? { additionalProperties: inner(others) } : {}),
    ...(typeof others === 'boolean' ? { additionalProperties: others } : {}),
    ...(isRecord(raw['items']) ? { items: inner(raw['items']) } : {}),
    ...choices('allOf'),
    ...choices('oneOf'),
    ...choices('anyOf'),
  };
}

function mapped(record: Readonly<Record<string, unknown>>, one: (value: unknown) => Schema) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, one(value)]));
}

function typeOf(type: unknown): { type?: string | readonly string[] } {
  if (typeof type === 'string') return { type };
  if (Array.isArray(type) && type.length > 0 && type.every((one) => typeof one === 'string')) return { type };
  return {};
}

function enumOf(raw: Readonly<Record<string, unknown>>): { enum?: readonly unknown[] } {
  if (Array.isArray(raw['enum'])) return { enum: raw['enum'] };
  return raw['const'] === undefined ? {} : { enum: [raw['const']] };
}

function definitionsOf(rules: Readonly<Record<string, unknown>>, room: Room): { readonly [name: string]: Schema } {
  const found = ['definitions', '$defs'].flatMap((key) => (isRecord(rules[key]) ? Object.entries(rules[key]) : []));
  return Object.fromEntries(found.map(([name, value]) => [name, ruleOf(value, room, 0)]));
}

/** What a chart's own values propose: the keys, and what each is; only that a table stays one is demanded. */
function shapeOf(value: Json, depth: number): Schema {
  if (depth > MAX_DEPTH) return {};
  if (isObject(value)) return { type: 'object', properties: shapesOf(value, depth) };
  if (isList(value)) return value.length > 0 ? { items: { examples: [] }, description: saying(value) } : {};
  if (value === null || typeof value === 'bigint') return {};
  return { examples: typeof value === 'boolean' ? [true, false] : [value], description: saying(value) };
}

function shapesOf(value: JsonObject, depth: number): { readonly [name: string]: Schema } {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner, depth + 1)]));
}

const LONGEST = 200;

function saying(value: Json): string {
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
  return `The chart says ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`;
}

/** The rules, with what the chart's own values propose where the rules say nothing. */
function both(rule: Schema, own: Schema, definitions: KindSchema['definitions'], depth: number): Schema {
  const { $ref, ...beside } = rule;
  const name = $ref?.slice($ref.lastIndexOf('/') + 1) ?? '';
  if ($ref && Object.hasOwn(definitions, name) && depth < MAX_DEPTH && own.properties) {
    return both({ ...definitions[name], ...beside }, own, definitions, depth + 1);
  }
  if (!rule.properties && !own.properties) return { ...own, ...rule, ...described(rule, own) };
  const names = new Set([...Object.keys(rule.properties ?? {}), ...Object.keys(own.properties ?? {})]);
  const properties = Object.fromEntries(
    [...names].map((key) => [key, both(at(rule, key), at(own, key), definitions, depth + 1)]),
  );
  return { ...own, ...rule, ...described(rule, own), properties };
}

function described(rule: Schema, own: Schema): { description?: string } {
  const words = [rule.description, own.description].filter(Boolean).join('\n');
  return words ? { description: words } : {};
}

function at(schema: Schema, name: string): Schema {
  return schema.properties && Object.hasOwn(schema.properties, name) ? (schema.properties[name] ?? {}) : {};
}
