/** Sets as they are now: asked for once, then kept by the stream of their changes. */
import { useState } from 'react';
import { useLive } from '@/api/live';
import { keyOf, queryClient, useGet } from '@/api/query';
import { type ApplicationSet, SETS, setPath } from './model';

export interface SetEvent {
  readonly type: string;
  readonly applicationSet: ApplicationSet;
}

interface SetList {
  readonly items?: readonly ApplicationSet[] | null;
}

const STREAM = '/api/v1/stream/applicationsets';
/** Milliseconds after which what a cut stream may have missed is asked for. */
const AGAIN = 60_000;

/** All sets that may be seen, by name. */
export function useSets() {
  useLive<SetEvent>(STREAM, {}, (event) => {
    queryClient.setQueryData<SetList>(keyOf(SETS), (list) => (list === undefined ? list : changed(list, event)));
  });
  return useGet<SetList>(SETS, undefined, { refetchInterval: AGAIN });
}

/** A set that is being deleted is in no list any more, unless the stream says that it is there still. */
export function forget(applicationSet: ApplicationSet): void {
  queryClient.setQueryData<SetList>(keyOf(SETS), (list) =>
    list === undefined ? list : changed(list, { type: 'DELETED', applicationSet }),
  );
}

/** The list after a change. */
export function changed(list: SetList, { type, applicationSet }: SetEvent): SetList {
  const key = nameOf(applicationSet);
  const others = (list.items ?? []).filter((set) => nameOf(set) !== key);
  if (type === 'DELETED') return { ...list, items: others };
  return { ...list, items: [...others, applicationSet].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) };
}

/** One set; `isGone` once it is deleted while it is looked at. */
export function useSet(namespace: string, name: string) {
  const [isGone, setGone] = useState(false);
  const path = setPath(name);
  const query = namespace ? { appsetNamespace: namespace } : {};
  useLive<SetEvent>(
    STREAM,
    { name, ...(namespace ? { appSetNamespace: namespace } : {}) },
    ({ type, applicationSet }) => {
      setGone(type === 'DELETED');
      if (type !== 'DELETED') queryClient.setQueryData(keyOf(path, query), applicationSet);
    },
  );
  const found = useGet<ApplicationSet>(path, query, { refetchInterval: AGAIN, enabled: !isGone });
  return { ...found, isGone, path, query };
}

function nameOf({ metadata }: ApplicationSet): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
