/** Kubernetes Events as they are told to people. */
import type { EventList } from '@/api/schema';
import { isObject, type Json, textAt, valueAt } from '@/kubernetes/json';

export interface Told {
  readonly id: string;
  readonly isWarning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly at: string;
  readonly first: string;
  readonly source: string;
}

/** The newest first, whichever of its times an event has. */
export function toldOf(list: EventList): readonly Told[] {
  const items = (list.items ?? []) as unknown as readonly Json[];
  return items
    .filter(isObject)
    .map((event, place) => {
      const at =
        textAt(event, 'series', 'lastObservedTime') || textAt(event, 'lastTimestamp') || textAt(event, 'eventTime');
      const created = textAt(event, 'metadata', 'creationTimestamp');
      const counted = valueAt(event, ['series', 'count']) ?? valueAt(event, ['count']);
      return {
        id: textAt(event, 'metadata', 'uid') || String(place),
        isWarning: textAt(event, 'type') === 'Warning',
        reason: textAt(event, 'reason'),
        message: textAt(event, 'message') || textAt(event, 'note'),
        count: typeof counted === 'number' ? counted : 1,
        at: at || created,
        first: textAt(event, 'firstTimestamp') || created,
        source: textAt(event, 'source', 'component') || textAt(event, 'reportingComponent'),
      };
    })
    .sort((one, other) => Date.parse(other.at || '0') - Date.parse(one.at || '0'));
}
