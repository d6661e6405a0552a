/** Forgetting a cluster, after saying what becomes of what is on it. */
import { del } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { queryClient, useSend } from '@/api/query';
import { Confirm } from '@/components';
import { useGo } from '@/routing';
import { CLUSTERS, type Cluster, countOf, pathOf } from './model';

export function RemoveCluster({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const go = useGo();
  const send = useSend(() => del(pathOf(cluster.server)), {
    onDone: () => {
      go('/settings/clusters');
      void queryClient.invalidateQueries({ queryKey: [CLUSTERS] });
    },
  });
  const count = countOf(cluster);
  return (
    <Confirm
      title={`Remove ${cluster.name ?? cluster.server}`}
      name={cluster.name ?? cluster.server}
      action="Remove"
      busy={send.isPending}
      error={send.error === null ? '' : wordsOf(send.error)}
      onClose={onClose}
      onConfirm={() => send.mutate(undefined)}
    >
      <p>
        {count === 0
          ? 'No application goes there.'
          : `${count} ${count === 1 ? 'application goes' : 'applications go'} there: nothing of ${
              count === 1 ? 'it' : 'them'
            } is compared, healed or deployed from now on, and ${count === 1 ? 'it says' : 'they say'} so.`}
      </p>
      <p>
        Nothing in the cluster is touched: what runs there goes on running. The credentials that are kept for it are
        lost; where its Secret was not made through the API, it stays and only loses the label that makes it a cluster.
      </p>
    </Confirm>
  );
}
