/** A cluster as the API tells it; its credentials are never told. */

export interface ConnectionState {
  readonly status?: string;
  readonly message?: string;
  readonly attemptedAt?: string | null;
}

export interface Cluster {
  readonly server: string;
  readonly name?: string;
  readonly serverVersion?: string;
  readonly connectionState?: ConnectionState;
  readonly info?: {
    readonly connectionState?: ConnectionState;
    readonly serverVersion?: string;
    readonly cacheInfo?: {
      readonly resourcesCount?: number | string;
      readonly apisCount?: number | string;
      readonly lastCacheSyncTime?: string | null;
    };
    readonly applicationsCount?: number | string;
    readonly apiVersions?: readonly string[];
  };
  readonly namespaces?: readonly string[];
  readonly clusterResources?: boolean;
  readonly project?: string;
  readonly shard?: number | string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly refreshRequestedAt?: string | null;
  readonly config?: {
    readonly tlsClientConfig?: { readonly insecure?: boolean; readonly serverName?: string };
    readonly proxyUrl?: string;
    readonly disableCompression?: boolean;
    readonly awsAuthConfig?: { readonly clusterName?: string; readonly roleARN?: string; readonly profile?: string };
  };
}

export const CLUSTERS = '/api/v1/clusters';
/** The cluster that Fairlead itself runs in, which is there without being declared. */
export const LOCAL = 'https://kubernetes.default.svc';

export function pathOf(server: string, below = ''): string {
  return `${CLUSTERS}/${encodeURIComponent(server)}${below}`;
}

export function pageOf(cluster: Cluster): string {
  return `/settings/clusters/${encodeURIComponent(cluster.server)}`;
}

/** How policies name it: below its project, where it belongs to one. */
export function objectOf(cluster: Cluster): string {
  return cluster.project ? `${cluster.project}/${cluster.server}` : cluster.server;
}

/** Applications that name it. */
export function countOf(cluster: Cluster): number {
  return Number(cluster.info?.applicationsCount ?? 0);
}

/** Kinds that it serves, by group, each with its versions. */
export function groupsOf(
  apiVersions: readonly string[],
): { readonly group: string; readonly kinds: readonly string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const text of apiVersions) {
    const parts = text.split('/');
    const kind = parts.length === 3 || (parts.length === 2 && /^v\d/.test(parts[0] ?? '')) ? (parts.at(-1) ?? '') : '';
    const version = kind ? parts.slice(0, -1).join('/') : text;
    const kinds = found.get(version) ?? new Set();
    if (kind) kinds.add(kind);
    found.set(version, kinds);
  }
  return [...found]
    .map(([group, kinds]) => ({ group, kinds: [...kinds].sort() }))
    .sort((a, b) => a.group.localeCompare(b.group));
}
