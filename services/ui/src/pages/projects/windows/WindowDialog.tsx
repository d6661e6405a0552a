/** One sync window as a form: what was typed is read as the server reads it, and the next times are shown as one types. */
import { useState } from 'react';
import { Checkbox, Combobox, Field, Select, TextArea, TextInput } from '@/components';
import { FormDialog } from '../../settings/FormDialog';
import { type Places, placed, said } from '../../settings/refusal';
import type { SyncWindow } from '../model';
import { nextOpenings, type Span } from './calendar';
import { moment } from './words';
import { knownZone, ZONES } from './zone';

type Place = 'kind' | 'schedule' | 'duration' | 'applications' | 'description';

const PLACES: Places<Place> = [
  [/schedule '|cannot parse schedule/, 'schedule'],
  [/cannot parse duration/, 'duration'],
  [/^kind '/, 'kind'],
  [/requires one of application/, 'applications'],
  [/description has at most/, 'description'],
];

interface Props {
  readonly window: SyncWindow | null;
  readonly busy: boolean;
  /** The server's words, where it refused. */
  readonly refusal: string;
  readonly onSave: (window: SyncWindow) => void;
  readonly onClose: () => void;
}

interface Typed {
  kind: string;
  schedule: string;
  duration: string;
  timeZone: string;
  applications: string;
  namespaces: string;
  clusters: string;
  description: string;
  manualSync: boolean;
  andOperator: boolean;
  syncOverrun: boolean;
}

export function WindowDialog({ window, busy, refusal, onSave, onClose }: Props) {
  const [typed, setTyped] = useState<Typed>(() => typedOf(window));
  const set =
    <K extends keyof Typed>(field: K) =>
    (value: Typed[K]) =>
      setTyped({ ...typed, [field]: value });
  const refused = refusal ? placed(refusal, PLACES) : null;
  const next = typed.schedule && typed.duration ? nextOpenings(windowOf(typed), Date.now(), 3) : null;
  const isReadable = next !== null && next.problem === '';
  const isAboutSomething = Boolean(typed.applications.trim() || typed.namespaces.trim() || typed.clusters.trim());
  return (
    <FormDialog
      title={window === null ? 'New sync window' : 'Sync window'}
      action="Save"
      busy={busy}
      refused={isReadable && isAboutSomething ? '' : 'A window needs a schedule, a duration and what it is about'}
      refusal={refused}
      onSubmit={() => onSave({ ...window, ...windowOf(typed) })}
      onClose={onClose}
    >
      <Field label="Kind" error={said(refused, 'kind')}>
        <Select
          value={typed.kind}
          onChange={set('kind')}
          options={[
            { value: 'allow', label: 'Allow: syncs run only while one such window is open' },
            { value: 'deny', label: 'Deny: no syncs while it is open' },
          ]}
        />
      </Field>
      <Field
        label="Schedule"
        hint="Minute, hour, day of month, month, day of week: when it opens"
        error={
          said(refused, 'schedule') ?? (next?.problem.startsWith('time:') ? undefined : next?.problem || undefined)
        }
      >
        <TextInput value={typed.schedule} onChange={set('schedule')} placeholder="0 22 * * *" />
      </Field>
      <Field
        label="Duration"
        hint="How long it stays open: 30m, 8h, 1h30m"
        error={said(refused, 'duration') ?? (next?.problem.startsWith('time:') ? next.problem : undefined)}
      >
        <TextInput value={typed.duration} onChange={set('duration')} placeholder="8h" />
      </Field>
      <Field
        label="Time zone"
        hint="Empty for UTC"
        error={
          typed.timeZone && knownZone(typed.timeZone) !== typed.timeZone
            ? 'Not known here; the server takes one that it does not know for UTC'
            : undefined
        }
      >
        <Combobox value={typed.timeZone} onChange={set('timeZone')} placeholder="Europe/Berlin" options={ZONES} />
      </Field>
      <p aria-live="polite">{isReadable && nextWords(next.spans, typed.timeZone)}</p>
      <Field label="Applications" hint="Names or globs with commas; * for all" error={said(refused, 'applications')}>
        <TextInput value={typed.applications} onChange={set('applications')} />
      </Field>
      <Field label="Namespaces" hint="Of the destination">
        <TextInput value={typed.namespaces} onChange={set('namespaces')} />
      </Field>
      <Field label="Clusters" hint="Names or servers">
        <TextInput value={typed.clusters} onChange={set('clusters')} />
      </Field>
      <Checkbox
        label="An application has to match all of these, not any"
        checked={typed.andOperator}
        onChange={set('andOperator')}
      />
      <Checkbox
        label={typed.kind === 'deny' ? 'Let syncs by hand through' : 'Allow syncs by hand at any time'}
        checked={typed.manualSync}
        onChange={set('manualSync')}
      />
      <Checkbox
        label="A sync that has begun goes on to its end"
        checked={typed.syncOverrun}
        onChange={set('syncOverrun')}
      />
      <Field label="Description" error={said(refused, 'description')}>
        <TextArea value={typed.description} onChange={set('description')} rows={2} />
      </Field>
    </FormDialog>
  );
}

function nextWords(spans: readonly Span[], timeZone: string): string {
  const zone = knownZone(timeZone);
  const now = Date.now();
  const next = spans
    .filter((span) => span.from > now)
    .map((span) => `${moment(span.from, zone)} to ${moment(span.to, zone)}`);
  const open = spans.filter((span) => span.from <= now).map((span) => `Open now until ${moment(span.to, zone)}`);
  const words = [...open, ...(next.length > 0 ? [`Opens next: ${next.join('; ')}`] : [])];
  return words.length > 0 ? `${words.join('. ')} (${zone}).` : 'It does not open within the next four years.';
}

function typedOf(window: SyncWindow | null): Typed {
  return {
    kind: window?.kind ?? 'allow',
    schedule: window?.schedule ?? '',
    duration: window?.duration ?? '',
    timeZone: window?.timeZone ?? '',
    applications: (window?.applications ?? []).join(', '),
    namespaces: (window?.namespaces ?? []).join(', '),
    clusters: (window?.clusters ?? []).join(', '),
    description: window?.description ?? '',
    manualSync: window?.manualSync ?? false,
    andOperator: window?.andOperator ?? false,
    syncOverrun: window?.syncOverrun ?? false,
  };
}

export function windowOf(typed: Typed): SyncWindow {
  return {
    kind: typed.kind,
    schedule: typed.schedule.trim(),
    duration: typed.duration.trim(),
    timeZone: typed.timeZone.trim(),
    applications: globsOf(typed.applications),
    namespaces: globsOf(typed.namespaces),
    clusters: globsOf(typed.clusters),
    description: typed.description.trim(),
    manualSync: typed.manualSync,
    andOperator: typed.andOperator,
    syncOverrun: typed.syncOverrun,
  };
}

export function globsOf(text: string): string[] {
  return text
    .split(',')
    .map((glob) => glob.trim())
    .filter(Boolean);
}
