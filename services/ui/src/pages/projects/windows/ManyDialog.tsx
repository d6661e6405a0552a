/** Several sync windows in one form: what is left alone stays as each of them has it. */
import { useState } from 'react';
import { Combobox, Field, Select, TextInput } from '@/components';
import { counted } from '@/text/quantity';
import { FormDialog } from '../../settings/FormDialog';
import type { SyncWindow } from '../model';
import { globsOf } from './WindowDialog';
import { ZONES } from './zone';

interface Props {
  readonly count: number;
  readonly busy: boolean;
  /** The server's words, where it refused. */
  readonly refusal: string;
  readonly onSave: (change: Change) => void;
  readonly onClose: () => void;
}

export type Change = { readonly [Field in keyof SyncWindow]?: SyncWindow[Field] | undefined };

const LEAVE = 'As each has it';
const TEXTS = [
  { name: 'schedule', label: 'Schedule', hint: 'Minute, hour, day of month, month, day of week: when it opens' },
  { name: 'duration', label: 'Duration', hint: 'How long it stays open: 30m, 8h, 1h30m' },
] as const;
const GLOBS = [
  { name: 'applications', label: 'Applications', hint: 'Names or globs with commas; * for all' },
  { name: 'namespaces', label: 'Namespaces', hint: 'Of the destination' },
  { name: 'clusters', label: 'Clusters', hint: 'Names or servers' },
] as const;
const SWITCHES = [
  { name: 'manualSync', label: 'Syncs by hand', yes: 'Allowed', no: 'Forbidden' },
  { name: 'andOperator', label: 'An application has to match', yes: 'All of these', no: 'Any of these' },
  { name: 'syncOverrun', label: 'A sync that has begun', yes: 'Goes on to its end', no: 'Stops with the window' },
] as const;

type Typed = Readonly<Record<string, string>>;

export function ManyDialog({ count, busy, refusal, onSave, onClose }: Props) {
  const [typed, setTyped] = useState<Typed>({});
  const of = (name: string) => typed[name] ?? '';
  const set = (name: string) => (value: string) => setTyped({ ...typed, [name]: value });
  const change = changeOf(typed);
  const isSomething = Object.values(change).some((value) => value !== undefined);
  return (
    <FormDialog
      title={`Change ${counted(count, 'sync window')}`}
      action="Save"
      busy={busy}
      refused={isSomething ? '' : 'Nothing is changed yet'}
      refusal={refusal ? { field: null, words: refusal } : null}
      onSubmit={() => onSave(change)}
      onClose={onClose}
    >
      <Field label="Kind">
        <Select value={of('kind')} onChange={set('kind')} placeholder={LEAVE} options={KINDS} />
      </Field>
      {TEXTS.map(({ name, label, hint }) => (
        <Field key={name} label={label} hint={hint}>
          <TextInput value={of(name)} onChange={set(name)} placeholder={LEAVE} />
        </Field>
      ))}
      <Field label="Time zone">
        <Combobox value={of('timeZone')} onChange={set('timeZone')} placeholder={LEAVE} options={ZONES} />
      </Field>
      {SWITCHES.map(({ name, label, yes, no }) => (
        <Field key={name} label={label}>
          <Select
            value={of(name)}
            onChange={set(name)}
            placeholder={LEAVE}
            options={[
              { value: 'yes', label: yes },
              { value: 'no', label: no },
            ]}
          />
        </Field>
      ))}
      {GLOBS.map(({ name, label, hint }) => (
        <Field key={name} label={label} hint={hint}>
          <TextInput value={of(name)} onChange={set(name)} placeholder={LEAVE} />
        </Field>
      ))}
      <Field label="Description">
        <TextInput value={of('description')} onChange={set('description')} placeholder={LEAVE} />
      </Field>
    </FormDialog>
  );
}

const KINDS = [
  { value: 'allow', label: 'Allow' },
  { value: 'deny', label: 'Deny' },
];

function changeOf(typed: Typed): Change {
  const text = (name: string) => typed[name]?.trim() || undefined;
  const globs = (name: string) => (text(name) ? globsOf(typed[name] ?? '') : undefined);
  const isOn = (name: string) => (typed[name] ? typed[name] === 'yes' : undefined);
  return {
    kind: text('kind'),
    schedule: text('schedule'),
    duration: text('duration'),
    timeZone: text('timeZone'),
    applications: globs('applications'),
    namespaces: globs('namespaces'),
    clusters: globs('clusters'),
    description: text('description'),
    manualSync: isOn('manualSync'),
    andOperator: isOn('andOperator'),
    syncOverrun: isOn('syncOverrun'),
  };
}
