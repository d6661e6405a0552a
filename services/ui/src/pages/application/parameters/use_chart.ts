/** What the values of a source's chart may be: by the schema that the chart brings, and by its own values. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { post } from '@/api';
import type { ChartRules } from '@/api/schema';
import { isRecord } from '@/kubernetes/draft';
import { chartSchema } from '@/kubernetes/schema/chart';
import type { KindSchema } from '@/kubernetes/schema/schema';
import { useRested } from './use_repository';

export interface Chart {
  readonly schema: KindSchema;
  /** Why the schema that the chart brings is not used. */
  readonly problem: string;
}

/** `values` are the chart's own; nothing is asked of a source that is not whole. */
export function useChart(source: unknown, application: { name: string; project: string }, values: string): Chart {
  const asked = useRested(JSON.stringify(isRecord(source) ? placeOf(source) : null));
  const isWhole = /"repoURL":"[^"]/.test(asked) && /"(path|chart)":"[^"]/.test(asked);
  const { data } = useQuery<ChartRules>({
    queryKey: ['chart-rules', asked, application.name, application.project],
    enabled: isWhole,
    retry: false,
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      post<ChartRules>(
        '/api/v1/chart-rules',
        { source: JSON.parse(asked) as unknown, appName: application.name, appProject: application.project },
        undefined,
        { signal },
      ),
  });
  const schema = useMemo(() => chartSchema(values, data?.rules), [values, data]);
  return { schema, problem: data?.problem ?? '' };
}

function placeOf({ repoURL, path, chart, targetRevision }: Record<string, unknown>) {
  return { repoURL, path, chart, targetRevision };
}
