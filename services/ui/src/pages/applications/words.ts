import { counted } from '@/text/quantity';
import type { Filter, Layout, Sort } from './view';

export const FILTER_WORDS: Record<Filter, string> = {
  health: 'Health',
  sync: 'Sync status',
  project: 'Project',
  cluster: 'Cluster',
  namespace: 'Namespace',
  label: 'Label',
  autoSync: 'Auto-sync',
  operation: 'Last operation',
  repo: 'Repository',
};

export const SORT_WORDS: Record<Sort, string> = {
  name: 'Name',
  health: 'Health, worst first',
  sync: 'Sync, out of sync first',
  project: 'Project',
  cluster: 'Cluster',
  namespace: 'Namespace',
  created: 'Created',
  finished: 'Last operation',
};

export const LAYOUT_WORDS: Record<Layout, string> = { tiles: 'Tiles', table: 'Table', summary: 'Summary' };

/** A value of a filter as people say it; a cluster by its name where that is known. */
export function valueWords(filter: Filter, value: string, name?: string): string {
  if (filter === 'autoSync') return value === 'true' ? 'On' : 'Off';
  if (value === '') return '(none)';
  if (filter === 'cluster' && name) return name;
  return value;
}

/** `1 application`, `2,000 applications`. */
export function applications(count: number): string {
  return counted(count, 'application');
}
