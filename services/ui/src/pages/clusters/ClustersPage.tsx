/** Clusters: where applications go, whether they answer, and how much is on them. */
import { useState } from 'react';
import { useCanAnywhere } from '@/api/can';
import { useGet } from '@/api/query';
import { Button, Empty, Failed, Link, Loading, Page, Table, Text } from '@/components';
import { AddCluster } from './AddCluster';
import { ClusterState } from './ClusterState';
import { CLUSTERS, type Cluster, countOf, pageOf } from './model';

/** Milliseconds after which states are asked for anew. */
const AGAIN = 15_000;

export function ClustersPage() {
  const [isAdding, setAdding] = useState(false);
  const { data, error, refetch } = useGet<{ items?: readonly Cluster[] | null }>(CLUSTERS, undefined, {
    refetchInterval: AGAIN,
  });
  const may = useCanAnywhere('clusters', 'create');
  const clusters = data?.items ?? [];
  return (
    <Page
      title="Clusters"
      breadcrumbs={[{ label: 'Settings', to: '/settings' }]}
      actions={
        <Button kind="primary" icon="add" refused={may.refusal} onClick={() => setAdding(true)}>
          Add cluster
        </Button>
      }
    >
      {error !== null && data === undefined && (
        <Failed error={error} what="The list of clusters" retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && clusters.length === 0 && (
        <Empty title="No cluster that you may see">Add one, here or with the command.</Empty>
      )}
      {clusters.length > 0 && <List clusters={clusters} />}
      {isAdding && <AddCluster onClose={() => setAdding(false)} />}
    </Page>
  );
}

function List({ clusters }: { clusters: readonly Cluster[] }) {
  return (
    <Table
      label="Clusters"
      rows={clusters}
      keyOf={(cluster) => cluster.server}
      columns={[
        {
          key: 'name',
          title: 'Name',
          render: (cluster) => (
            <>
              <Link to={pageOf(cluster)}>
                <Text value={cluster.name ?? cluster.server} />
              </Link>
              <div>
                <Text value={cluster.server} />
              </div>
            </>
          ),
        },
        { key: 'state', title: 'State', render: (cluster) => <ClusterState cluster={cluster} /> },
        {
          key: 'version',
          title: 'Kubernetes',
          render: (cluster) => cluster.info?.serverVersion ?? cluster.serverVersion ?? '',
        },
        {
          key: 'applications',
          title: 'Applications',
          align: 'end',
          render: (cluster) => (
            <Link to={`/applications?cluster=${encodeURIComponent(cluster.name ?? cluster.server)}`}>
              {countOf(cluster)}
            </Link>
          ),
        },
        {
          key: 'objects',
          title: 'Objects',
          align: 'end',
          render: (cluster) => Number(cluster.info?.cacheInfo?.resourcesCount ?? 0).toLocaleString('en'),
        },
        {
          key: 'namespaces',
          title: 'Namespaces',
          render: (cluster) => <Text value={(cluster.namespaces ?? []).join(', ') || 'All'} />,
        },
      ]}
    />
  );
}
