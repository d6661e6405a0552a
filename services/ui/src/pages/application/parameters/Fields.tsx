/** A form made of a list of fields over a draft. */
import { useEffect, useState } from 'react';
import { parseDocument, stringify } from 'yaml';
import { Checkbox, Combobox, Field, type KeyValue, KeyValues, Select, TextArea, TextInput } from '@/components';
import type { Draft, Path } from '@/kubernetes/draft';
import { partOf } from '@/kubernetes/schema/own';
import type { KindSchema } from '@/kubernetes/schema/schema';
import { type FieldSpec, itemsOf, linesOf } from './fields';
import css from './parameters.module.css';
import { YamlPart, yamlProblem } from './YamlPart';

export interface FieldsProps {
  fields: readonly FieldSpec[];
  draft: Draft;
  /** What the paths of the fields begin below. */
  base: Path;
  /** Steps below which empty parents go with their last field. */
  keep?: number;
  onChange: (draft: Draft) => void;
  errorAt?: (path: Path) => string;
  isReadOnly?: boolean;
  /** The schema of the whole document, by which its parts are written. */
  schema?: KindSchema | null;
}

export function Fields({ fields, ...rest }: FieldsProps) {
  return (
    <div className={css['fields']}>
      {fields.map((field) => (
        <One key={field.path.join('.')} field={field} {...rest} />
      ))}
    </div>
  );
}

interface OneProps extends Omit<FieldsProps, 'fields'> {
  field: FieldSpec;
}

function One(props: OneProps) {
  const { field, draft, base, keep = base.length, onChange, errorAt, isReadOnly = false, schema = null } = props;
  const path = [...base, ...field.path];
  const error = errorAt?.(path) ?? '';
  const set = (value: unknown) => onChange(draft.with(path, value, keep));
  if (field.kind === 'flag') {
    const hint = field.hint ? { hint: field.hint } : {};
    return <Checkbox label={field.label} {...hint} checked={draft.flag(path)} disabled={isReadOnly} onChange={set} />;
  }
  if (field.kind === 'map') {
    return <MapInput label={field.label} map={draft.map(path)} set={set} isReadOnly={isReadOnly} />;
  }
  if (field.kind === 'yaml') {
    const value = draft.get(path);
    return (
      <YamlPart
        label={field.label}
        hint={field.hint}
        error={error}
        draft={draft}
        path={path}
        told={value === undefined ? '' : stringify(value, { lineWidth: 0 })}
        schema={partOf(schema, path)}
        problemOf={yamlProblem}
        withText={(from, text) => from.with(path, parseDocument(text).toJS() ?? undefined, keep)}
        onChange={onChange}
        isReadOnly={isReadOnly}
      />
    );
  }
  return (
    <Field label={field.label} hint={field.hint} error={error}>
      <Control field={field} draft={draft} path={path} set={set} isReadOnly={isReadOnly} />
    </Field>
  );
}

interface ControlProps {
  field: Exclude<FieldSpec, { kind: 'flag' | 'map' | 'yaml' }>;
  draft: Draft;
  path: Path;
  set: (value: unknown) => void;
  isReadOnly: boolean;
}

function Control({ field, draft, path, set, isReadOnly }: ControlProps) {
  switch (field.kind) {
    case 'text':
      return field.suggestions ? (
        <Combobox value={draft.string(path)} options={field.suggestions} disabled={isReadOnly} onChange={set} />
      ) : (
        <TextInput value={draft.string(path)} placeholder={field.placeholder} disabled={isReadOnly} onChange={set} />
      );
    case 'number':
      return (
        <NumberInput value={draft.get(path)} placeholder={field.placeholder ?? ''} set={set} isReadOnly={isReadOnly} />
      );
    case 'choice':
      return <Select value={draft.string(path)} options={field.options} disabled={isReadOnly} onChange={set} />;
    case 'lines':
      return (
        <LinesInput
          items={draft.strings(path)}
          placeholder={field.placeholder ?? ''}
          set={set}
          isReadOnly={isReadOnly}
        />
      );
  }
}

interface SmallProps {
  set: (value: unknown) => void;
  isReadOnly: boolean;
}

/** Keeps pairs while their key is typed; the map holds those that have one. */
export function MapInput({
  label,
  map,
  set,
  isReadOnly,
}: SmallProps & { label: string; map: Record<string, unknown> }) {
  const told = pairsOf(map);
  const key = JSON.stringify(mapOf(told));
  const [pairs, setPairs] = useState(told);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the pairs, which are new ones each time.
  useEffect(() => {
    setPairs((typed) => (JSON.stringify(mapOf(typed)) === key ? typed : told));
  }, [key]);
  const take = (typed: KeyValue[]) => {
    setPairs(typed);
    set(mapOf(typed));
  };
  return <KeyValues label={label} pairs={pairs} disabled={isReadOnly} onChange={take} />;
}

function pairsOf(map: Record<string, unknown>): KeyValue[] {
  return Object.entries(map).map(([key, value]) => ({ key, value: String(value) }));
}

function mapOf(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.filter((pair) => pair.key !== '').map((pair) => [pair.key, pair.value]));
}

function NumberInput({ value, placeholder, set, isReadOnly }: SmallProps & { value: unknown; placeholder: string }) {
  const shown = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const take = (text: string) => {
    if (text === '') set(undefined);
    else set(/^-?\d+$/.test(text) ? Number(text) : text);
  };
  return (
    <TextInput value={shown} inputMode="numeric" placeholder={placeholder} disabled={isReadOnly} onChange={take} />
  );
}

/** Keeps what is typed as it is; the list follows it. */
export function LinesInput({
  items,
  placeholder,
  set,
  isReadOnly,
}: SmallProps & { items: string[]; placeholder: string }) {
  const [text, setText] = useState(linesOf(items));
  const told = linesOf(items);
  useEffect(() => {
    setText((typed) => (linesOf(itemsOf(typed)) === told ? typed : told));
  }, [told]);
  const take = (typed: string) => {
    setText(typed);
    set(itemsOf(typed));
  };
  return (
    <TextArea
      value={text}
      rows={Math.min(8, Math.max(2, items.length + 1))}
      placeholder={placeholder}
      disabled={isReadOnly}
      onChange={take}
    />
  );
}
