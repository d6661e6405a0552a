/** Events of Kubernetes about an object, newest first. */
import type { Query } from '@/api/client';
import { useGet } from '@/api/query';
import { Empty, Failed, Loading, Table, Text, Time } from '@/components';

export interface KubernetesEvent {
  readonly metadata?: { readonly uid?: string; readonly name?: string; readonly creationTimestamp?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

export function KubernetesEvents({ path, query }: { path: string; query?: Query }) {
  const { data, error, refetch } = useGet<{ items?: readonly KubernetesEvent[] | null }>(path, query);
  if (error !== null) return <Failed error={error} what="The list of events" retry={() => refetch()} />;
  if (data === undefined) return <Loading />;
  const events = [...(data.items ?? [])].sort((a, b) => lastOf(b).localeCompare(lastOf(a)));
  if (events.length === 0)
    return <Empty title="No events">The cluster keeps events for an hour, unless it is told otherwise.</Empty>;
  return (
    <Table
      label="Events"
      rows={events}
      keyOf={(event) => event.metadata?.uid ?? event.metadata?.name ?? `${event.reason}/${lastOf(event)}`}
      columns={[
        { key: 'last', title: 'Last seen', render: (event) => (lastOf(event) ? <Time at={lastOf(event)} /> : '') },
        { key: 'type', title: 'Type', render: (event) => event.type ?? '' },
        { key: 'reason', title: 'Reason', render: (event) => <Text value={event.reason ?? ''} /> },
        { key: 'message', title: 'Message', render: (event) => <Text value={event.message ?? ''} /> },
        { key: 'count', title: 'Times', render: (event) => event.count ?? 1, align: 'end' },
      ]}
    />
  );
}

function lastOf(event: KubernetesEvent): string {
  return event.lastTimestamp ?? event.eventTime ?? event.metadata?.creationTimestamp ?? '';
}
