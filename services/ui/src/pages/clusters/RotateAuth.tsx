/** Having the token that a cluster is written with replaced by a new one. */
import { post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Confirm, toast } from '@/components';
import { CLUSTERS, type Cluster, pathOf } from './model';

export function RotateAuth({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const name = cluster.name ?? cluster.server;
  const send = useSend(() => post(pathOf(cluster.server, '/rotate-auth'), {}), {
    invalidates: [CLUSTERS, pathOf(cluster.server)],
    onDone: () => {
      toast.ok(`${name} has a new token`);
      onClose();
    },
  });
  return (
    <Confirm
      title={`Rotate the token of ${name}`}
      action="Rotate"
      danger={false}
      busy={send.isPending}
      error={send.error === null ? '' : wordsOf(send.error)}
      onClose={onClose}
      onConfirm={() => send.mutate(undefined)}
    >
      The service account that it is written with gets a new token, which is kept in place of the present one. Whoever
      else uses the present token is refused from then on. Only clusters that are reached with a bearer token have one.
    </Confirm>
  );
}
