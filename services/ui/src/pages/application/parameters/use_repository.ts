/** What the server reads from a repository for a form: asked for once the address rests, never for each key. */
import { useEffect, useState } from 'react';
import { useGet } from '@/api';
import type {
  AppInfo,
  HelmChart,
  HelmChartsResponse,
  Refs,
  RepoAppsResponse,
  Repository,
  RepositoryList,
} from '@/api/schema';
import { inert } from '@/text/inert';
import type { Origin } from './source';

/** Milliseconds without a key after which a value counts as typed. */
export const REST = 400;

export function useRested<T>(value: T, milliseconds = REST): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return rested;
}

export interface Asked {
  url: string;
  revision: string;
  /** The chart in a registry whose versions are asked for. */
  chart?: string;
  project: string;
  application: string;
  origin: Origin;
}

export interface Contents {
  branches: string[];
  tags: string[];
  paths: AppInfo[];
  charts: HelmChart[];
  /** Why it cannot be looked at; "" while it can, or nobody asked. */
  problem: string;
  isLoading: boolean;
}

/** Refs and paths of a Git repository, charts of a chart repository, tags of an artifact. */
export function useContents(asked: Asked): Contents {
  const url = useRested(asked.url.trim());
  const revision = useRested(asked.revision.trim());
  const at = `/api/v1/repositories/${encodeURIComponent(url)}`;
  const isSet = url !== '';
  const project = { appProject: asked.project };
  const refs = useGet<Refs>(isSet && asked.origin === 'git' ? `${at}/refs` : null, project, { retry: false });
  const apps = useGet<RepoAppsResponse>(
    isSet && asked.origin === 'git' && !refs.isError ? `${at}/apps` : null,
    { ...project, revision: revision || 'HEAD', appName: asked.application },
    { retry: false },
  );
  const charts = useGet<HelmChartsResponse>(isSet && asked.origin === 'helm' ? `${at}/helmcharts` : null, project, {
    retry: false,
  });
  const chart = useRested(asked.chart?.trim() ?? '');
  const artifact = chart ? `${url.replace(/^oci:\/\//, '').replace(/\/+$/, '')}/${chart}` : '';
  const tagged = artifact ? `/api/v1/repositories/${encodeURIComponent(`oci://${artifact}`)}` : at;
  const tags = useGet<Refs>(isSet && asked.origin === 'oci' ? `${tagged}/oci-tags` : null, project, { retry: false });
  // Versions of a chart in a registry are a help; whether the registry can be read is for the chart itself to say.
  const failed = [refs, charts, ...(artifact ? [] : [tags])].find((one) => one.isError);
  return {
    branches: refs.data?.branches ?? [],
    tags: refs.data?.tags ?? tags.data?.tags ?? [],
    paths: apps.data?.items ?? [],
    charts: charts.data?.items ?? [],
    problem: inert(failed?.error?.message ?? ''),
    isLoading: refs.isFetching || charts.isFetching || tags.isFetching || apps.isFetching,
  };
}

/** The repositories that are declared, to choose from and to know their type by. */
export function useRepositories(): Repository[] {
  const found = useGet<RepositoryList>('/api/v1/repositories');
  return found.data?.items ?? [];
}

export function declaredType(repositories: readonly Repository[], url: string): string {
  const bare = (text: string) =>
    text
      .trim()
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .toLowerCase();
  const found = repositories.find((one) => bare(one.repo ?? '') === bare(url));
  return found?.enableOCI ? 'oci' : (found?.type ?? '');
}
