/** What is said of a cluster beside its address and credentials, as a form holds it. */
import type { Pair } from './connection';
import type { Cluster } from './model';

export interface Declared {
  readonly name: string;
  readonly project: string;
  /** With commas. */
  readonly namespaces: string;
  readonly clusterResources: boolean;
  /** "" where the controllers share it out themselves. */
  readonly shard: string;
  readonly labels: readonly Pair[];
  readonly annotations: readonly Pair[];
}

export const NOTHING: Declared = {
  name: '',
  project: '',
  namespaces: '',
  clusterResources: false,
  shard: '',
  labels: [],
  annotations: [],
};

export function declaredOf(cluster: Cluster): Declared {
  return {
    name: cluster.name ?? '',
    project: cluster.project ?? '',
    namespaces: (cluster.namespaces ?? []).join(', '),
    clusterResources: cluster.clusterResources ?? false,
    shard: cluster.shard === undefined ? '' : String(cluster.shard),
    labels: pairsOf(cluster.labels),
    annotations: pairsOf(cluster.annotations),
  };
}

/** As the API takes it; every field is there. */
export function bodyOf(typed: Declared) {
  return {
    name: typed.name.trim(),
    project: typed.project.trim(),
    namespaces: typed.namespaces
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
    clusterResources: typed.clusterResources,
    shard: typed.shard.trim() === '' ? null : Number(typed.shard),
    labels: recordOf(typed.labels),
    annotations: recordOf(typed.annotations),
  };
}

export type DeclaredBody = ReturnType<typeof bodyOf>;

/** The fields that are to be another than they are: what nobody touched is not written. */
export function changedOf(before: Declared, after: Declared): (keyof DeclaredBody)[] {
  const [was, is] = [bodyOf(before), bodyOf(after)];
  const names = Object.keys(is) as (keyof DeclaredBody)[];
  return names.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
}

export function problemsOf(typed: Declared): Partial<Record<keyof Declared, string>> {
  return /^\d{0,6}$/.test(typed.shard.trim()) ? {} : { shard: 'A whole number' };
}

function pairsOf(record: Readonly<Record<string, string>> | undefined): Pair[] {
  return Object.entries(record ?? {}).map(([key, value]) => ({ key, value }));
}

function recordOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key.trim(), value] as const).filter(([key]) => key));
}
