/** An application as the server's lists tell it; empty fields are left out. */
export interface ApplicationRow {
  key: string;
  name: string;
  namespace: string;
  project: string;
  labels?: Record<string, string>;
  createdAt?: string;
  deletedAt?: string;
  destination?: { server?: string; name?: string; namespace?: string };
  sources?: RowSource[];
  sync?: string;
  revisions?: string[];
  health?: string;
  healthMessage?: string;
  operation?: { phase?: string; message?: string; startedAt?: string; finishedAt?: string };
  autoSync?: boolean;
  automated?: { paused?: boolean; prune?: boolean; selfHeal?: boolean };
  conditions?: string[];
  urls?: string[];
  annotations?: Record<string, string>;
}

export interface RowSource {
  repoURL?: string;
  path?: string;
  chart?: string;
  targetRevision?: string;
}

export interface FacetValue {
  value: string;
  count: number;
  name?: string;
}

export interface FacetCounts {
  values: FacetValue[];
  more?: boolean;
}

export type Facets = Record<string, FacetCounts>;

export interface ApplicationPage {
  total: number;
  offset: number;
  limit: number;
  items: ApplicationRow[];
  facets: Facets;
}

export type WindowEvent =
  | { type: 'WINDOW'; total: number; items?: ApplicationRow[]; facets?: Facets }
  | {
      type: 'CHANGE';
      total: number;
      removed?: string[];
      rows?: { at: number; item: ApplicationRow }[];
      facets?: Facets;
    };

const SKIPPED = 'argocd.argoproj.io/skip-reconcile';
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** Whether the controller leaves it alone. */
export function isSkipped(row: ApplicationRow): boolean {
  return TRUE.has(row.annotations?.[SKIPPED] ?? '');
}

/** Automated sync in a word. */
export function autoSyncOf(row: ApplicationRow): 'on' | 'paused' | 'off' {
  if (row.automated?.paused) return 'paused';
  return row.autoSync ? 'on' : 'off';
}

/** Its cluster as it names it. */
export function clusterOf(row: ApplicationRow): string {
  return row.destination?.name || row.destination?.server || '';
}

/** A repository's address without its scheme and ending, as people say it. */
export function shortRepository(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]*@/, '')
    .replace(/\.git$/, '');
}

/** Where the page of an application is. */
export function addressOf(row: Pick<ApplicationRow, 'name' | 'namespace'>, view?: string): string {
  const path = `/applications/${encodeURIComponent(row.namespace)}/${encodeURIComponent(row.name)}`;
  return view ? `${path}?view=${view}` : path;
}
