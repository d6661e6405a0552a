/** One ApplicationSet: how it is, what was made of it, how far a rollout is, and what may be done to it. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { useGet } from '@/api/query';
import { Badge, Button, Code, Empty, Failed, Health, Loading, Page, Tabs } from '@/components';
import { Contained } from '@/extensions/Contained';
import { type ObjectTab, tabsFor, useExtensions } from '@/extensions/registry';
import { useFields, useParam } from '@/routing';
import { useSettings } from '@/shell/settings';
import { inert } from '@/text/inert';
import { KubernetesEvents } from '../settings/KubernetesEvents';
import { DeleteSet } from './DeleteSet';
import { EditDialog } from './EditDialog';
import { type ApplicationSet, policyObjectOf, type SetResource } from './model';
import { SummaryTab } from './SummaryTab';
import { useSet } from './useSets';

const TABS = [
  { id: 'summary', label: 'Summary' },
  { id: 'manifest', label: 'Manifest' },
  { id: 'events', label: 'Events' },
];

export function ApplicationSetPage() {
  const namespace = useParam('namespace');
  const name = useParam('name');
  const { data: known, error, refetch, isGone, path, query } = useSet(namespace, name);
  const data = isGone ? undefined : known;
  return (
    <Page
      wide
      title={name}
      breadcrumbs={[{ label: 'ApplicationSets', to: '/applicationsets' }]}
      aside={data && <State set={data} />}
      actions={data && <Actions set={data} />}
    >
      {isGone && <Empty title={`${name} is gone`}>It was deleted, and its Applications as its policy says.</Empty>}
      {error !== null && known === undefined && (
        <Failed error={error} what={`ApplicationSet ${name}`} retry={() => refetch()} />
      )}
      {error === null && known === undefined && <Loading />}
      {data !== undefined && <Parts set={data} path={path} query={query} />}
    </Page>
  );
}

function State({ set }: { readonly set: ApplicationSet }) {
  if (set.metadata.deletionTimestamp) return <Badge tone="warn">Being deleted</Badge>;
  return <Health status={set.status?.health?.status} />;
}

function Actions({ set }: { readonly set: ApplicationSet }) {
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const object = policyObjectOf(set, useSettings().controllerNamespace);
  const update = useCan('applicationsets', 'update', object);
  const remove = useCan('applicationsets', 'delete', object);
  const close = () => setOpen(null);
  return (
    <>
      <Button icon="edit" refused={update.refusal} onClick={() => setOpen('edit')}>
        Edit
      </Button>
      <Button icon="trash" refused={remove.refusal} onClick={() => setOpen('delete')}>
        Delete
      </Button>
      {open === 'edit' && <EditDialog set={set} onClose={close} />}
      {open === 'delete' && <DeleteSet set={set} onClose={close} />}
    </>
  );
}

interface PartsProps {
  readonly set: ApplicationSet;
  readonly path: string;
  readonly query: { readonly appsetNamespace?: string };
}

function Parts({ set, path, query }: PartsProps) {
  const [fields, change] = useFields();
  const asked = fields.get('tab') ?? '';
  const added = tabsFor(useExtensions().tabs, 'argoproj.io', 'ApplicationSet');
  const extension = added.find(({ id }) => id === asked);
  const tabs = [...TABS, ...added.map(({ id, title }) => ({ id, label: inert(title) }))];
  const selected = tabs.some(({ id }) => id === asked) ? asked : 'summary';
  return (
    <Tabs label="Parts of the set" tabs={tabs} selected={selected} onSelect={(tab) => change({ tab })}>
      {selected === 'summary' && <SummaryTab set={set} />}
      {selected === 'manifest' && <Code value={JSON.stringify(set, null, 2)} language="json" label="Manifest" />}
      {selected === 'events' && <KubernetesEvents path={`${path}/events`} query={query} />}
      {extension && <Added key={extension.id} tab={extension} set={set} path={path} query={query} />}
    </Tabs>
  );
}

/** A tab of an extension. */
function Added({ tab, set, path, query }: PartsProps & { readonly tab: ObjectTab }) {
  const { data: tree } = useGet<{ nodes?: readonly SetResource[] | null }>(`${path}/resource-tree`, query);
  if (tree === undefined) return <Loading />;
  return <Contained of={tab} given={{ application: set, resource: set, tree: { ...tree, nodes: tree.nodes ?? [] } }} />;
}
