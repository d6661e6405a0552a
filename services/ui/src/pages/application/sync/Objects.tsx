/** Which objects a sync is about: chosen by hand or by state, each with what would change of it beside. */
import { useState } from 'react';
import { useGet } from '@/api';
import type { ManagedResourcesResponse } from '@/api/schema';
import {
  Button,
  Checkbox,
  Empty,
  Failed,
  Health,
  IconButton,
  Loading,
  RadioGroup,
  Sync,
  Text,
  TextInput,
  VirtualList,
} from '@/components';
import { Diff } from '@/components/code';
import { yamlOf } from '@/kubernetes/manifest_text';
import { counted } from '@/text/quantity';
import { type Choice, choosable, chosenBy, filtered, keyOf, type ObjectRef, type SyncObject, titleOf } from './objects';
import css from './sync.module.css';

export interface ObjectsProps {
  objects: readonly SyncObject[];
  chosen: ReadonlySet<string> | null;
  onChange: (chosen: ReadonlySet<string> | null) => void;
  application: { name: string; namespace: string; project: string };
}

/** Objects from which on the list scrolls by itself. */
const MANY = 60;

export function Objects({ objects, chosen, onChange, application }: ObjectsProps) {
  const [filter, setFilter] = useState('');
  const [open, setOpen] = useState<ObjectRef | null>(null);
  const all = choosable(objects);
  const keys = chosen ?? chosenBy('all', all);
  const shown = filtered(all, filter);
  const toggle = (object: SyncObject, on: boolean) => {
    const next = new Set(keys);
    if (on) next.add(keyOf(object));
    else next.delete(keyOf(object));
    onChange(next.size === all.length ? null : next);
  };
  const choose = (choice: Choice) => onChange(choice === 'all' ? null : chosenBy(choice, all));
  const row = (object: SyncObject) => (
    <Row
      key={keyOf(object)}
      object={object}
      isChosen={keys.has(keyOf(object))}
      isOpen={open !== null && keyOf(open) === keyOf(object)}
      onChoose={(on) => toggle(object, on)}
      onOpen={() => setOpen(open !== null && keyOf(open) === keyOf(object) ? null : object)}
    />
  );
  return (
    <section aria-label="Objects" className={css['objects']}>
      <div className={css['bar']}>
        <RadioGroup
          legend="Objects"
          joined
          value={choiceOf(chosen, all)}
          options={[
            { value: 'all', label: 'All' },
            { value: 'out-of-sync', label: 'Out of sync' },
            { value: 'none', label: 'None' },
          ]}
          onChange={(value) => choose(value as Choice)}
        />
        <TextInput
          aria-label="Filter objects"
          placeholder="Filter by kind, name, state"
          value={filter}
          onChange={setFilter}
        />
        <span className={css['count']} role="status">
          {keys.size} of {counted(all.length, 'object')} chosen
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title={all.length === 0 ? 'No objects yet' : 'No object matches'}>
          {all.length === 0 ? (
            'A sync makes what Git has.'
          ) : (
            <Button onClick={() => setFilter('')}>Clear the filter</Button>
          )}
        </Empty>
      ) : shown.length > MANY ? (
        <div className={css['scroll']}>
          <VirtualList label="Objects to sync" items={shown} keyOf={keyOf} estimate={36} render={row} />
        </div>
      ) : (
        <ul className={css['list']} aria-label="Objects to sync">
          {shown.map((object) => (
            <li key={keyOf(object)}>{row(object)}</li>
          ))}
        </ul>
      )}
      {open && <ObjectDiff object={open} application={application} onClose={() => setOpen(null)} />}
    </section>
  );
}

function choiceOf(chosen: ReadonlySet<string> | null, all: readonly SyncObject[]): string {
  if (chosen === null) return 'all';
  if (chosen.size === 0) return 'none';
  const differing = chosenBy('out-of-sync', all);
  return differing.size === chosen.size && [...differing].every((key) => chosen.has(key)) ? 'out-of-sync' : '';
}

interface RowProps {
  object: SyncObject;
  isChosen: boolean;
  isOpen: boolean;
  onChoose: (on: boolean) => void;
  onOpen: () => void;
}

function Row({ object, isChosen, isOpen, onChoose, onOpen }: RowProps) {
  return (
    <div className={css['row']} data-open={isOpen || undefined}>
      <Checkbox label={titleOf(object)} checked={isChosen} onChange={onChoose} />
      <span className={css['states']}>
        {object.requiresPruning ? <span className={css['pruned']}>prune</span> : null}
        {object.status && <Sync status={object.status} />}
        {object.health && <Health status={object.health} />}
        <IconButton
          icon="diff"
          label={`What would change of ${titleOf(object)}`}
          aria-expanded={isOpen}
          onClick={onOpen}
        />
      </span>
    </div>
  );
}

function ObjectDiff({
  object,
  application,
  onClose,
}: {
  object: ObjectRef;
  application: ObjectsProps['application'];
  onClose: () => void;
}) {
  const { name, namespace, project } = application;
  const found = useGet<ManagedResourcesResponse>(`/api/v1/applications/${encodeURIComponent(name)}/managed-resources`, {
    appNamespace: namespace,
    project,
    group: object.group,
    kind: object.kind,
    namespace: object.namespace,
    name: object.name,
  });
  const one = found.data?.items?.find((item) => keyOf(refOf(item)) === keyOf(object));
  return (
    <section className={css['diff']} aria-label={`Changes of ${titleOf(object)}`}>
      <header className={css['diffhead']}>
        <strong>
          <Text value={titleOf(object)} />
        </strong>
        <span className={css['count']}>live → Git</span>
        <IconButton icon="close" label="Close the changes" onClick={onClose} />
      </header>
      {found.isPending && <Loading />}
      {found.isError && <Failed what="Reading the change" error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && !one && <p>Nothing is told of it.</p>}
      {one && (
        <Diff
          left={yamlOf(one.normalizedLiveState)}
          right={yamlOf(one.predictedLiveState || one.targetState)}
          mode="compact"
          leftLabel="Live"
          rightLabel="Git"
          fits
        />
      )}
    </section>
  );
}

function refOf(item: { group?: string; kind?: string; namespace?: string; name?: string }): ObjectRef {
  return { group: item.group ?? '', kind: item.kind ?? '', namespace: item.namespace ?? '', name: item.name ?? '' };
}
