/**
 * The schema of a kind, as the cluster's OpenAPI has it: finding what is said of a place in a manifest.
 *
 * The invariant: what the schema says nothing of is allowed, never guessed.
 */
export interface Schema {
  readonly $ref?: string;
  /** Several where any of them is allowed, as JSON Schema has it. */
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  /** Values that are proposed, beside any other. */
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly nullable?: boolean;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: Schema | boolean;
  readonly patternProperties?: { readonly [pattern: string]: Schema };
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
}

export interface KindSchema {
  readonly schema: Schema;
  readonly definitions: { readonly [name: string]: Schema };
  /** Whether a map may have fields that its schema does not name unless it says otherwise, as in JSON Schema. */
  readonly isOpen?: boolean;
}

/** References that lead to references, at most. */
const MAX_STEPS = 16;

/** A schema with what it refers to and what all of its parts say taken together. */
export function resolved(kind: KindSchema, schema: Schema, steps = MAX_STEPS): Schema {
  if (steps === 0) return {};
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    const found = Object.hasOwn(kind.definitions, name) ? kind.definitions[name] : undefined;
    const { $ref: _, ...beside } = schema;
    return found ? { ...resolved(kind, found, steps - 1), ...beside } : beside;
  }
  if (!schema.allOf) return schema;
  const { allOf, ...own } = schema;
  return allOf.map((part) => resolved(kind, part, steps - 1)).reduceRight(merged, own);
}

function merged(one: Schema, other: Schema): Schema {
  const properties = one.properties || other.properties ? { ...other.properties, ...one.properties } : undefined;
  const required = [...(other.required ?? []), ...(one.required ?? [])];
  return {
    ...other,
    ...one,
    ...(properties ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** What is said of a place; null where nothing is. A number is a place in a list. */
export function schemaAt(kind: KindSchema, path: readonly (string | number)[]): Schema | null {
  let found: Schema | null = resolved(kind, kind.schema);
  for (const part of path) {
    found = found ? below(kind, found, part) : null;
    if (!found) return null;
  }
  return found;
}

function below(kind: KindSchema, schema: Schema, part: string | number): Schema | null {
  if (typeof part === 'number') return schema.items ? resolved(kind, schema.items) : null;
  const property = field(schema, part);
  return property ? resolved(kind, property) : null;
}

/** What a map says of one of its fields; null when it says nothing. */
export function field(schema: Schema, name: string): Schema | null {
  if (schema.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name] ?? null;
  const others = schema.additionalProperties;
  return typeof others === 'object' ? others : null;
}

/** Whether a map may have fields that its schema does not name. */
export function isOpen(kind: KindSchema, schema: Schema): boolean {
  const says = schema.additionalProperties;
  if (says === true || typeof says === 'object') return true;
  if (kind.isOpen) return says !== false || schema.patternProperties !== undefined;
  if (schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-embedded-resource']) return true;
  return schema.properties === undefined;
}

/** What kind of value is meant, in a word for people. */
export function typeWord(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return 'number or text';
  switch (Array.isArray(schema.type) ? schema.type.join(' or ') : schema.type) {
    case 'array':
      return 'list';
    case 'object':
      return 'map';
    case 'string':
      return schema.enum ? 'one of a few' : 'text';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return 'true or false';
    default:
      return typeof schema.type === 'string' ? schema.type : (schema.type ?? []).join(' or ');
  }
}
