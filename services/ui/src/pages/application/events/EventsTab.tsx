/** The Kubernetes Events of an application, newest first. */
import { useState } from 'react';
import { useGet } from '@/api';
import type { EventList } from '@/api/schema';
import { Badge, Checkbox, Empty, Failed, Loading, Table, Text, TextInput, Time } from '@/components';
import type { SlotProps } from '../slots';
import { namedOf, pathOf } from '../sync/named';
import { type EventRow, filteredEvents, rowsOf } from './events';
import css from './events.module.css';

/** Milliseconds after which they are asked for again while the tab is on screen. */
const AGAIN = 10_000;

export function EventsTab({ application }: SlotProps) {
  const { namespace, project } = namedOf(application);
  const [words, setWords] = useState('');
  const [onlyWarnings, setOnlyWarnings] = useState(false);
  const found = useGet<EventList>(
    `${pathOf(application)}/events`,
    { appNamespace: namespace, project },
    { refetchInterval: AGAIN },
  );
  if (found.isPending) return <Loading />;
  if (found.isError && !found.data)
    return <Failed what="The list of events" error={found.error} retry={() => void found.refetch()} />;
  const rows = rowsOf(found.data?.items);
  const shown = filteredEvents(rows, words, onlyWarnings);
  return (
    <div className={css['tab']}>
      <div className={css['bar']}>
        <TextInput
          type="search"
          aria-label="Find in events"
          placeholder="Find in events"
          value={words}
          onChange={setWords}
        />
        <Checkbox label="Only warnings" checked={onlyWarnings} onChange={setOnlyWarnings} />
      </div>
      {rows.length === 0 ? (
        <Empty title="No events">
          Kubernetes keeps events for an hour; what happened before is in the story of the application.
        </Empty>
      ) : (
        <Table
          label="Events, newest first"
          columns={COLUMNS}
          rows={shown}
          keyOf={(row) => row.key}
          empty={<Empty title="No event matches" />}
        />
      )}
    </div>
  );
}

const COLUMNS = [
  {
    key: 'type',
    title: 'Type',
    render: (row: EventRow) => <Badge tone={row.type === 'Warning' ? 'warn' : 'neutral'}>{row.type}</Badge>,
  },
  { key: 'reason', title: 'Reason', render: (row: EventRow) => <Text value={row.reason} /> },
  { key: 'message', title: 'Message', render: (row: EventRow) => <Text value={row.message} lines={6} /> },
  { key: 'count', title: 'Times', align: 'end' as const, render: (row: EventRow) => row.count },
  { key: 'last', title: 'Last', render: (row: EventRow) => <Time at={row.last} /> },
];
