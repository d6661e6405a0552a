/** Kubernetes Events as a list: newest first, found by words. */
import type { EventsEvent } from '@/api/schema';

export interface EventRow {
  key: string;
  type: string;
  reason: string;
  message: string;
  count: number;
  first: string;
  last: string;
  by: string;
}

export function rowsOf(items: readonly EventsEvent[] | undefined): EventRow[] {
  return (items ?? [])
    .map(rowOf)
    .sort((a, b) => Date.parse(b.last || '0') - Date.parse(a.last || '0') || b.key.localeCompare(a.key));
}

function rowOf(event: EventsEvent): EventRow {
  const at = event.eventTime ?? event.metadata?.creationTimestamp ?? '';
  const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? at;
  return {
    key: event.metadata?.uid ?? event.metadata?.name ?? `${event.reason}/${last}`,
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: event.series?.count ?? event.count ?? 1,
    first: event.firstTimestamp ?? at,
    last,
    by: event.source?.component ?? event.reportingComponent ?? '',
  };
}

export function filteredEvents(rows: readonly EventRow[], words: string, onlyWarnings: boolean): EventRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (onlyWarnings && row.type !== 'Warning') return false;
    const said = `${row.reason} ${row.message} ${row.by}`.toLowerCase();
    return wanted.every((word) => said.includes(word));
  });
}
