/** What the cluster recorded about an object, the newest first. */
import { useGet } from '@/api';
import type { EventList } from '@/api/schema';
import { Badge, Empty, Failed, Loading, Text, Time } from '@/components';
import { textAt } from '@/kubernetes/json';
import { below } from '../requests';
import type { Shown } from '../useShown';
import css from './ObjectEvents.module.css';
import { type Told, toldOf } from './told';

/** Milliseconds after which it is asked again while somebody looks. */
const AGAIN = 10_000;

export function ObjectEvents({ shown }: { shown: Shown }) {
  const { owner, key, live, family } = shown;
  const uid = family.node?.uid ?? textAt(live ?? undefined, 'metadata', 'uid');
  const query = {
    appNamespace: owner.namespace,
    project: owner.project,
    resourceName: key.name,
    resourceNamespace: key.namespace,
    resourceUID: uid,
  };
  const { data, error, refetch } = useGet<EventList>(uid ? below(owner, 'events') : null, query, {
    refetchInterval: AGAIN,
  });
  if (error) return <Failed what="Reading the events" error={error} retry={refetch} />;
  if (!data) return uid ? <Loading /> : null;
  const events = toldOf(data);
  if (events.length === 0) {
    return (
      <Empty title="No events">
        The cluster keeps events for about an hour. Of this object there are none; those of what it owns are there.
      </Empty>
    );
  }
  return (
    <ul className={css.events}>
      {events.map((event) => (
        <OneEvent key={event.id} event={event} />
      ))}
    </ul>
  );
}

function OneEvent({ event }: { event: Told }) {
  return (
    <li className={css.event}>
      <div className={css.head}>
        <Badge tone={event.isWarning ? 'warn' : 'neutral'}>{event.isWarning ? 'Warning' : 'Normal'}</Badge>
        <strong>
          <Text value={event.reason} />
        </strong>
        {event.count > 1 && <span>{event.count} times</span>}
        <span className={css.when}>{event.at && <Time at={event.at} />}</span>
      </div>
      <p className={css.message}>
        <Text value={event.message} lines={8} />
      </p>
      {event.source && (
        <p className={css.source}>
          by <Text value={event.source} />
          {event.first && event.first !== event.at && (
            <>
              , first <Time at={event.first} />
            </>
          )}
        </p>
      )}
    </li>
  );
}
