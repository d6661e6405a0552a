/** One ApplicationSet: what it would make, what was made of it, and how that is. */
import { useGet } from '@/api/query';
import { Code, Failed, Health, Link, Loading, Page, Tabs, Text } from '@/components';
import { Contained } from '@/extensions/Contained';
import { type ObjectTab, tabsFor, useExtensions } from '@/extensions/registry';
import { applicationPath, useFields, useParam } from '@/routing';
import { inert } from '@/text/inert';
import styles from '../settings/Card.module.css';
import { KubernetesEvents } from '../settings/KubernetesEvents';
import { type ApplicationSet, generatorsOf, projectOf, repositoriesOf, SETS, type SetResource } from './model';

const TABS = [
  { id: 'summary', label: 'Summary' },
  { id: 'manifest', label: 'Manifest' },
  { id: 'events', label: 'Events' },
];

export function ApplicationSetPage() {
  const namespace = useParam('namespace');
  const name = useParam('name');
  const [fields, change] = useFields();
  const path = `${SETS}/${encodeURIComponent(name)}`;
  const query = namespace ? { appsetNamespace: namespace } : {};
  const { data, error, refetch } = useGet<ApplicationSet>(path, query);
  const asked = fields.get('tab') ?? '';
  const added = tabsFor(useExtensions().tabs, 'argoproj.io', 'ApplicationSet');
  const extension = added.find(({ id }) => id === asked);
  const tabs = [...TABS, ...added.map(({ id, title }) => ({ id, label: inert(title) }))];
  const selected = tabs.some(({ id }) => id === asked) ? asked : 'summary';
  return (
    <Page title={name} breadcrumbs={[{ label: 'ApplicationSets', to: '/applicationsets' }]}>
      {error !== null && data === undefined && (
        <Failed error={error} what={`ApplicationSet ${name}`} retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && (
        <Tabs label="Parts of the set" tabs={tabs} selected={selected} onSelect={(tab) => change({ tab })}>
          {selected === 'summary' && <Summary set={data} path={path} query={query} />}
          {selected === 'manifest' && <Code value={JSON.stringify(data, null, 2)} language="json" label="Manifest" />}
          {selected === 'events' && <KubernetesEvents path={`${path}/events`} query={query} />}
          {extension && <Added key={extension.id} tab={extension} set={data} path={path} query={query} />}
        </Tabs>
      )}
    </Page>
  );
}

interface SummaryProps {
  readonly set: ApplicationSet;
  readonly path: string;
  readonly query: { readonly appsetNamespace?: string };
}

/** A tab of an extension. */
function Added({ tab, set, path, query }: SummaryProps & { readonly tab: ObjectTab }) {
  const { data: tree } = useGet<{ nodes?: readonly SetResource[] | null }>(`${path}/resource-tree`, query);
  if (tree === undefined) return <Loading />;
  return <Contained of={tab} given={{ application: set, resource: set, tree: { ...tree, nodes: tree.nodes ?? [] } }} />;
}

function Summary({ set, path, query }: SummaryProps) {
  const { data: tree } = useGet<{ nodes?: readonly SetResource[] | null }>(`${path}/resource-tree`, query);
  const nodes = tree?.nodes ?? [];
  return (
    <>
      <section className={styles.card} aria-label="ApplicationSet">
        <dl className={styles.facts}>
          <dt>Project</dt>
          <dd>
            <Text value={projectOf(set) || 'default'} />
          </dd>
          <dt>Generators</dt>
          <dd>
            <Text value={generatorsOf(set).join(', ') || 'None'} />
          </dd>
          <dt>Repositories</dt>
          <dd>
            <Text value={repositoriesOf(set).join(', ') || 'None'} />
          </dd>
          {(set.status?.conditions ?? []).map(({ type, status, message }) => (
            <div key={type} className={styles.fact}>
              <dt>
                <Text value={type} />
              </dt>
              <dd>
                <Text value={`${status}: ${message ?? ''}`} lines={4} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className={styles.card} aria-label="Applications">
        <h2>Applications</h2>
        {nodes.length === 0 ? (
          <p>None are known to have been made of it.</p>
        ) : (
          <ul aria-label={`Applications of ${set.metadata.name}`}>
            {nodes.map((node) => (
              <li key={`${node.namespace}/${node.name}`} className={styles.state}>
                <Health status={node.health?.status} />
                <Link to={applicationPath(node.namespace ?? set.metadata.namespace ?? '', node.name)}>
                  <Text value={node.name} />
                </Link>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
