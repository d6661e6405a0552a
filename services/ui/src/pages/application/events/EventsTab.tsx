/** The Kubernetes Events of an application, newest first. */
import { useState } from 'react';
import { useGet } from '@/api';
import type { EventList } from '@/api/schema';
import { Badge, Checkbox, Empty, Failed, Loading, Text, TextInput, Time } from '@/components';
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
      ) : shown.length === 0 ? (
        <Empty title="No event matches" />
      ) : (
        <ul className={css['events']} aria-label="Events, newest first">
          {shown.map((row) => (
            <li key={row.key}>
              <One row={row} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function One({ row }: { row: EventRow }) {
  const isWarning = row.type === 'Warning';
  return (
    <article className={css['event']} data-warning={isWarning || undefined}>
      <header className={css['head']}>
        {isWarning && <Badge tone="warn">Warning</Badge>}
        <strong>
          <Text value={row.reason} />
        </strong>
        {row.count > 1 && <Badge>{`${row.count} times`}</Badge>}
        <span className={css['when']}>
          <Time at={row.last} />
        </span>
      </header>
      <Text value={row.message} lines={6} />
    </article>
  );
}
