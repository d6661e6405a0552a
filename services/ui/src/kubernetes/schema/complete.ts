/** What may be written at a place of a manifest. */
import type { Place } from './place';
import { type KindSchema, resolved, type Schema, schemaAt, typeWord } from './schema';

export interface Proposal {
  readonly label: string;
  /** What is written when it is taken. */
  readonly apply: string;
  /** What kind of value is meant. */
  readonly detail: string;
  readonly info: string;
  /** Whether it cannot be left out. */
  readonly isNeeded: boolean;
}

export function complete(kind: KindSchema, place: Place): readonly Proposal[] {
  const around = schemaAt(kind, place.path);
  if (!around) return [];
  if (place.key === '' && around.properties) return fields(kind, around, place);
  const of = place.key === '' ? around : schemaAt(kind, [...place.path, place.key]);
  return of ? values(of) : [];
}

function fields(kind: KindSchema, around: Schema, place: Place): readonly Proposal[] {
  const has = new Set(place.siblings);
  const needed = new Set(around.required ?? []);
  const indent = ' '.repeat(2);
  return Object.entries(around.properties ?? {})
    .filter(([name]) => !has.has(name))
    .map(([name, property]) => {
      const schema = resolved(kind, property);
      const opens = schema.type === 'object' ? `:\n${indent}` : schema.type === 'array' ? ':\n- ' : ': ';
      return {
        label: name,
        apply: `${name}${opens}`,
        detail: typeWord(schema),
        info: schema.description ?? '',
        isNeeded: needed.has(name),
      };
    })
    .sort((one, other) => Number(other.isNeeded) - Number(one.isNeeded) || one.label.localeCompare(other.label));
}

function values(schema: Schema): readonly Proposal[] {
  const said = schema.type === 'boolean' ? [true, false] : (schema.enum ?? schema.examples ?? []);
  return said.map((value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const info = value === schema.default ? 'What it is when nothing is said.' : '';
    return { label: text || '""', apply: text || '""', detail: '', info, isNeeded: false };
  });
}
