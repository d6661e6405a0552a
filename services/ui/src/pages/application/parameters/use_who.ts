/** Who wrote something since a version of it, as its events tell. */
import { type Query, useGet } from '@/api';

interface Told {
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly resourceVersion?: string };
}

/** The name in the newest event of a change after `version`; "" where none tells it, as of a change by kubectl. */
export function useWho(path: string | null, version: string, { namespace, project }: Place): string {
  const query: Query = { ...(namespace ? { appNamespace: namespace } : {}), ...(project ? { project } : {}) };
  const found = useGet<{ items?: readonly Told[] | null }>(path, query, { staleTime: 0, refetchInterval: 2_000 });
  return whoOf(found.data?.items ?? [], version);
}

export interface Place {
  readonly namespace?: string;
  readonly project?: string;
}

const CHANGED = /^(.+?) (?:updated|upserted) /;

export function whoOf(events: readonly Told[], version: string): string {
  const later = events
    .filter((one) => one.reason === 'ResourceUpdated' && Number(one.involvedObject?.resourceVersion) > Number(version))
    .sort((one, other) => Number(other.involvedObject?.resourceVersion) - Number(one.involvedObject?.resourceVersion));
  return CHANGED.exec(later[0]?.message ?? '')?.[1] ?? '';
}
