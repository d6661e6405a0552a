/** How a cluster is found by its controller. */
import { Badge, Text, Time } from '@/components';
import type { Cluster } from './model';

export function ClusterState({ cluster, isWhole = false }: { cluster: Cluster; isWhole?: boolean }) {
  const { status = 'Unknown', message, attemptedAt } = cluster.info?.connectionState ?? cluster.connectionState ?? {};
  const isOk = status === 'Successful';
  const tone = isOk ? 'ok' : status === 'Failed' ? 'bad' : 'neutral';
  return (
    <>
      <Badge tone={tone} icon={isOk ? 'check' : status === 'Failed' ? 'cross' : 'question'}>
        {status}
      </Badge>{' '}
      {attemptedAt && <Time at={attemptedAt} />}
      {message && !isOk && (
        <div>
          <Text value={message} {...(isWhole ? {} : { lines: 2 })} />
        </div>
      )}
    </>
  );
}
