/** One cluster: how it is, what is on it, and what is said of it. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { post } from '@/api/client';
import { useGet, useSend } from '@/api/query';
import { Button, Failed, Link, Loading, Page, Text, Time, toast } from '@/components';
import { useParam } from '@/routing';
import styles from '../settings/Card.module.css';
import { ClusterDialog } from './ClusterDialog';
import { ClusterState } from './ClusterState';
import { CLUSTERS, type Cluster, countOf, groupsOf, LOCAL, objectOf, pathOf } from './model';
import { RemoveCluster } from './RemoveCluster';
import { RotateAuth } from './RotateAuth';

/** Milliseconds after which its state is asked for anew. */
const AGAIN = 10_000;

export function ClusterPage() {
  const server = useParam('server');
  const { data, error, refetch } = useGet<Cluster>(pathOf(server), undefined, { refetchInterval: AGAIN });
  return (
    <Page
      title={data?.name ?? server}
      breadcrumbs={[
        { label: 'Settings', to: '/settings' },
        { label: 'Clusters', to: '/settings/clusters' },
      ]}
      actions={data && <Actions cluster={data} />}
    >
      {error !== null && data === undefined && (
        <Failed error={error} what={`The cluster ${server}`} retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && (
        <>
          <Facts cluster={data} />
          <Said cluster={data} />
          <Served cluster={data} />
        </>
      )}
    </Page>
  );
}

function Actions({ cluster }: { cluster: Cluster }) {
  const [open, setOpen] = useState<'edit' | 'rotate' | 'remove' | undefined>();
  const update = useCan('clusters', 'update', objectOf(cluster));
  const remove = useCan('clusters', 'delete', objectOf(cluster));
  const invalidates = [CLUSTERS, pathOf(cluster.server)];
  const invalidate = useSend(() => post(pathOf(cluster.server, '/invalidate-cache'), {}), {
    invalidates,
    onDone: () => toast.ok('The cluster is being read anew'),
  });
  const close = () => setOpen(undefined);
  return (
    <>
      <Button
        icon="refresh"
        busy={invalidate.isPending}
        refused={update.refusal}
        onClick={() => invalidate.mutate(undefined, { onError: (error) => toast.failed(error) })}
      >
        Invalidate cache
      </Button>
      <Button
        icon="key"
        refused={cluster.server === LOCAL ? 'Kubernetes renews the token of this cluster itself' : update.refusal}
        onClick={() => setOpen('rotate')}
      >
        Rotate token
      </Button>
      <Button icon="edit" refused={update.refusal} onClick={() => setOpen('edit')}>
        Edit
      </Button>
      <Button
        icon="trash"
        refused={cluster.server === LOCAL ? 'The cluster that Fairlead runs in is always there' : remove.refusal}
        onClick={() => setOpen('remove')}
      >
        Remove
      </Button>
      {open === 'edit' && <ClusterDialog cluster={cluster} onClose={close} />}
      {open === 'rotate' && <RotateAuth cluster={cluster} onClose={close} />}
      {open === 'remove' && <RemoveCluster cluster={cluster} onClose={close} />}
    </>
  );
}

function Facts({ cluster }: { cluster: Cluster }) {
  const cache = cluster.info?.cacheInfo;
  const asks = encodeURIComponent(cluster.name ?? cluster.server);
  return (
    <section className={styles.card} aria-label="State">
      <dl className={styles.facts}>
        <dt>Server</dt>
        <dd>
          <Text value={cluster.server} />
        </dd>
        <dt>State</dt>
        <dd>
          <ClusterState cluster={cluster} isWhole />
        </dd>
        <dt>Kubernetes</dt>
        <dd>{cluster.info?.serverVersion ?? cluster.serverVersion ?? 'Not known'}</dd>
        <dt>Applications</dt>
        <dd>
          <Link to={`/applications?cluster=${asks}`}>{countOf(cluster)}</Link>
        </dd>
        <dt>Objects that are known</dt>
        <dd>{Number(cache?.resourcesCount ?? 0).toLocaleString('en')}</dd>
        <dt>Kinds that are watched</dt>
        <dd>{Number(cache?.apisCount ?? 0).toLocaleString('en')}</dd>
        <dt>Read whole</dt>
        <dd>
          {cache?.lastCacheSyncTime ? <Time at={cache.lastCacheSyncTime} /> : 'Not yet, or nothing is followed there'}
        </dd>
        {cluster.refreshRequestedAt && (
          <div className={styles.fact}>
            <dt>Asked to be read anew</dt>
            <dd>
              <Time at={cluster.refreshRequestedAt} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Said({ cluster }: { cluster: Cluster }) {
  const { tlsClientConfig: tls, proxyUrl, awsAuthConfig: aws } = cluster.config ?? {};
  return (
    <section className={styles.card} aria-label="Declared">
      <h2>Declared</h2>
      <dl className={styles.facts}>
        <dt>Namespaces</dt>
        <dd>
          <Text value={(cluster.namespaces ?? []).join(', ') || 'All'} />
          {(cluster.namespaces ?? []).length > 0 &&
            (cluster.clusterResources ? ', and what is in none' : ', and nothing outside them')}
        </dd>
        <dt>Project</dt>
        <dd>
          {cluster.project ? (
            <Link to={`/settings/projects/${encodeURIComponent(cluster.project)}`}>{cluster.project}</Link>
          ) : (
            'For all projects'
          )}
        </dd>
        <dt>Shard</dt>
        <dd>{cluster.shard ?? 'Wherever there is room'}</dd>
        <dt>Server’s certificate</dt>
        <dd>
          {tls?.insecure
            ? 'Not verified: whoever is in between can read and change everything'
            : `Verified${tls?.serverName ? ` as ${tls.serverName}` : ''}`}
        </dd>
        {proxyUrl && (
          <div className={styles.fact}>
            <dt>Proxy</dt>
            <dd>
              <Text value={proxyUrl} />
            </dd>
          </div>
        )}
        {aws?.clusterName && (
          <div className={styles.fact}>
            <dt>EKS cluster</dt>
            <dd>
              <Text value={aws.clusterName} />
            </dd>
          </div>
        )}
        <dt>Labels</dt>
        <dd>
          <Pairs pairs={cluster.labels} />
        </dd>
        <dt>Annotations</dt>
        <dd>
          <Pairs pairs={cluster.annotations} />
        </dd>
      </dl>
    </section>
  );
}

function Pairs({ pairs }: { pairs: Readonly<Record<string, string>> | undefined }) {
  const found = Object.entries(pairs ?? {});
  if (found.length === 0) return <>None</>;
  return (
    <>
      {found.map(([key, value]) => (
        <div key={key}>
          <Text value={`${key}: ${value}`} />
        </div>
      ))}
    </>
  );
}

function Served({ cluster }: { cluster: Cluster }) {
  const groups = groupsOf(cluster.info?.apiVersions ?? []);
  if (groups.length === 0) return null;
  return (
    <section className={styles.card} aria-label="API versions">
      <details>
        <summary>{`${groups.length} API versions that it serves`}</summary>
        <dl className={styles.facts}>
          {groups.map(({ group, kinds }) => (
            <div key={group} className={styles.fact}>
              <dt>{group}</dt>
              <dd>{kinds.join(', ')}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}
