/** A project's sync windows: what is open now, when the others open, and the calendar of the next two weeks. */
import { useState } from 'react';
import { useGet } from '@/api/query';
import { Button, Checkbox, Confirm, Empty, Field, Inert, Select, Table, Text } from '@/components';
import { type Project, pathOf, type SyncWindow } from '../model';
import type { Saving } from '../saving';
import { useHeld } from '../useHeld';
import { Calendar, Legend } from './Calendar';
import styles from './Calendar.module.css';
import { ChosenBar } from './ChosenBar';
import { nextOpenings } from './calendar';
import { type Chosen, idOf, stillThere } from './chosen';
import { WindowDialog } from './WindowDialog';
import { aboutOf, moment, rulesOf } from './words';
import { knownZone } from './zone';

interface Props {
  readonly project: Project;
  readonly saving: Saving;
  /** Windows of the global projects whose rules it takes. */
  readonly inherited: readonly SyncWindow[];
}

/** The place of the window that is open in the dialog; null for a new one. */
type Editing = { readonly at: number | null } | undefined;

export function WindowsTab({ project: newest, saving, inherited }: Props) {
  const [editing, setEditing] = useState<Editing>();
  const [deleting, setDeleting] = useState<number | undefined>();
  const [asked, setChosen] = useState<Chosen>(new Set());
  const [now] = useState(() => Date.now());
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [zone, setZone] = useState(own);
  const project = useHeld(newest, editing !== undefined || deleting !== undefined);
  const windows = project.spec.syncWindows ?? [];
  const all = [...windows, ...inherited];
  const chosen = stillThere(windows, asked);
  const choose = (window: SyncWindow, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(idOf(window));
    else next.delete(idOf(window));
    setChosen(next);
  };
  const zones = [...new Set([own, 'UTC', ...all.map((window) => knownZone(window.timeZone ?? ''))])];
  const store = (next: readonly SyncWindow[], done: () => void) => saving.save({ syncWindows: next }, done, project);
  const { data: active } = useGet<{ windows?: SyncWindow[] | null }>(pathOf(project.metadata.name, '/syncwindows'));
  return (
    <>
      <p className={styles.bar}>
        <Button kind="primary" icon="add" refused={saving.refusal} onClick={() => setEditing({ at: null })}>
          Add window
        </Button>
      </p>
      {chosen.size > 0 && (
        <ChosenBar windows={windows} chosen={chosen} saving={saving} onClear={() => setChosen(new Set())} />
      )}
      {all.length === 0 ? (
        <Empty title="No sync windows">
          Applications of this project may be synced at any time. A window allows syncs at some times only, or denies
          them at others.
        </Empty>
      ) : (
        <>
          <Table
            label="Sync windows"
            rows={all.map((window, at) => ({ window, at }))}
            keyOf={({ at }) => String(at)}
            columns={[
              {
                key: 'choose',
                title: 'Choose',
                hideTitle: true,
                render: ({ window, at }) =>
                  at < windows.length && (
                    <Checkbox
                      label={`Choose window ${at + 1}`}
                      hideLabel
                      checked={chosen.has(idOf(window))}
                      onChange={(isChosen) => choose(window, isChosen)}
                    />
                  ),
              },
              { key: 'kind', title: 'Kind', render: ({ window }) => (window.kind === 'deny' ? 'Deny' : 'Allow') },
              {
                key: 'state',
                title: 'State',
                render: ({ window }) => (
                  <State window={window} now={now} zone={zone} isOpen={isAmong(window, active?.windows)} />
                ),
              },
              { key: 'about', title: 'For', render: ({ window }) => <Text value={aboutOf(window)} /> },
              {
                key: 'times',
                title: 'Times',
                render: ({ window }) => (
                  <>
                    <code>
                      <Inert text={window.schedule ?? ''} />
                    </code>{' '}
                    for <Inert text={window.duration ?? ''} /> (<Inert text={window.timeZone || 'UTC'} />)
                  </>
                ),
              },
              {
                key: 'rules',
                title: 'Rules',
                render: ({ window }) => (
                  <Text value={[...rulesOf(window), window.description].filter(Boolean).join('. ')} />
                ),
              },
              {
                key: 'actions',
                title: 'Change',
                render: ({ at }) =>
                  at < windows.length ? (
                    <>
                      <Button kind="quiet" refused={saving.refusal} onClick={() => setEditing({ at })}>
                        Edit
                      </Button>
                      <Button kind="quiet" refused={saving.refusal} onClick={() => setDeleting(at)}>
                        Delete
                      </Button>
                    </>
                  ) : (
                    'Inherited'
                  ),
              },
            ]}
          />
          <div className={styles.choice}>
            <Field label="Time zone of the calendar">
              <Select value={zone} onChange={setZone} options={zones} />
            </Field>
          </div>
          <Calendar windows={all} now={now} zone={zone} />
          <Legend />
        </>
      )}
      {editing !== undefined && (
        <WindowDialog
          window={editing.at === null ? null : (windows[editing.at] ?? null)}
          busy={saving.busy}
          refusal={saving.words}
          onClose={() => {
            saving.forget();
            setEditing(undefined);
          }}
          onSave={(window) =>
            store(editing.at === null ? [...windows, window] : windows.with(editing.at, window), () =>
              setEditing(undefined),
            )
          }
        />
      )}
      {deleting !== undefined && (
        <Confirm
          title="Delete this sync window"
          action="Delete"
          busy={saving.busy}
          error={saving.words}
          onClose={() => setDeleting(undefined)}
          onConfirm={() => store(windows.toSpliced(deleting, 1), () => setDeleting(undefined))}
        >
          {windows[deleting]?.kind === 'deny'
            ? 'Syncs that it denies run from now on, automatic ones at once.'
            : 'Where no other allow window is left, syncs run at any time from now on; where some are, only in those.'}
        </Confirm>
      )}
    </>
  );
}

function State({ window, now, zone, isOpen }: { window: SyncWindow; now: number; zone: string; isOpen: boolean }) {
  const next = nextOpenings(window, now, 1);
  if (next.problem) return <>Cannot be read: {next.problem}. Until it can, nothing that it is about is synced.</>;
  const [span] = next.spans;
  if (span === undefined) return <>Does not open within four years</>;
  return isOpen || span.from <= now ? <>Open until {moment(span.to, zone)}</> : <>Opens {moment(span.from, zone)}</>;
}

function isAmong(window: SyncWindow, others: readonly SyncWindow[] | null | undefined): boolean {
  return (others ?? []).some((other) => JSON.stringify(other) === JSON.stringify(window));
}
