/** The schemas of our own kinds, which need no cluster. */
import { useGet } from '@/api';
import type { KindSchema } from './schema';
import { schemaAt } from './schema';

export type OwnKind = 'Application' | 'AppProject' | 'ApplicationSet';

/** The schema of a kind of ours; null until it is there. */
export function useOwnSchema(kind: OwnKind): KindSchema | null {
  const { data } = useGet<KindSchema>(
    '/api/v1/schema',
    { group: 'argoproj.io', version: 'v1alpha1', kind },
    { staleTime: Number.POSITIVE_INFINITY, retry: false },
  );
  return data?.schema ? data : null;
}

/** The part of a schema that a part of a document is written by. */
export function partOf(kind: KindSchema | null, path: readonly (string | number)[]): KindSchema | null {
  const schema = kind === null ? null : schemaAt(kind, path);
  return kind !== null && schema !== null ? { ...kind, schema } : null;
}
