import { createContext, useMemo } from 'react';
import type { Facets } from './row';

const NONE: ReadonlyMap<string, string> = new Map([['https://kubernetes.default.svc', 'in-cluster']]);

/** The names of clusters by their servers, as far as the reader may know them. */
export const ClusterNames = createContext<ReadonlyMap<string, string>>(NONE);

/** Those that the counts tell; the same map for as long as they tell the same. */
export function useClusterNames(facets: Facets | undefined): ReadonlyMap<string, string> {
  const pairs = (facets?.['cluster']?.values ?? []).flatMap(({ value, name }) =>
    name ? [[value, name] as const] : [],
  );
  const text = JSON.stringify(pairs);
  return useMemo(() => new Map([...NONE, ...(JSON.parse(text) as [string, string][])]), [text]);
}
