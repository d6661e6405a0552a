/** What a rollback with prune would delete, asked of the server. */
import { useGet } from '@/api';
import type { Application } from '@/api/schema';
import { deleted } from '../sync/danger';
import { namedOf } from '../sync/named';
import { lostBy } from './lost';
import type { RevisionDiff } from './StateDiff';

/** Nothing is asked while `isWanted` is not. */
export function useLost(application: Application, id: number, isWanted: boolean) {
  const { name, namespace, project } = namedOf(application);
  const found = useGet<RevisionDiff>(
    isWanted ? '/api/v1/revision-diff' : null,
    { application: name, appNamespace: namespace, project, from: 'spec', to: String(id) },
    { retry: false, staleTime: 60_000 },
  );
  return {
    losses: deleted(
      lostBy(found.data?.items ?? [], application.status?.resources, application.spec?.destination?.namespace ?? ''),
    ),
    more: found.data?.more ?? 0,
    isAsking: isWanted && found.isPending,
    error: found.error,
    again: () => void found.refetch(),
  };
}
