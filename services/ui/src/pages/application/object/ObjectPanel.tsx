/** The side panel of one object: what it is, how it came to be so, and what may be done to it. */
import { lazy, Suspense, useMemo } from 'react';
import { useGet } from '@/api';
import type { Settings } from '@/api/types';
import { Copy, Failed, Loading, Panel, Tabs, Text } from '@/components';
import { Contained } from '@/extensions/Contained';
import { type ObjectTab, tabsFor, useExtensions } from '@/extensions/registry';
import { plain } from '@/kubernetes/json';
import { containerOf, parseKey } from '@/kubernetes/key';
import { useFields } from '@/routing';
import { inert } from '@/text/inert';
import type { SlotProps } from '../slots';
import { ActionsMenu } from './actions/ActionsMenu';
import css from './ObjectPanel.module.css';
import { DeleteObject } from './remove/DeleteObject';
import { Summary } from './summary/Summary';
import { type Shown, useShown } from './useShown';

const Manifest = lazy(() => import('./manifest/Manifest').then((module) => ({ default: module.Manifest })));
const ObjectDiff = lazy(() => import('./diff/ObjectDiff').then((module) => ({ default: module.ObjectDiff })));
const ObjectEvents = lazy(() => import('./events/ObjectEvents').then((module) => ({ default: module.ObjectEvents })));
const Logs = lazy(() => import('./logs/Logs').then((module) => ({ default: module.Logs })));
const Terminals = lazy(() => import('./terminal/Terminals').then((module) => ({ default: module.Terminals })));

const TABS = {
  summary: 'Summary',
  manifest: 'Manifest',
  diff: 'Diff',
  events: 'Events',
  logs: 'Logs',
  terminal: 'Terminal',
} as const;
type TabId = keyof typeof TABS;

export function ObjectPanel({ application, nodes, tree, onClose }: SlotProps) {
  const [fields] = useFields();
  const text = fields.get('node');
  const key = parseKey(text);
  if (!key) {
    return (
      <Panel title="No object" onClose={onClose} name="object">
        <p>
          <Text value={text ?? ''} /> names no object. A link to one has group/Kind/namespace/name/0.
        </p>
      </Panel>
    );
  }
  return (
    <OfObject
      key={text}
      application={application}
      nodes={nodes}
      tree={tree}
      onClose={onClose}
      named={key}
      container={containerOf(text)}
    />
  );
}

interface OfObjectProps extends Omit<SlotProps, 'isLive'> {
  named: NonNullable<ReturnType<typeof parseKey>>;
  container: number;
}

function OfObject({ application, nodes, tree, onClose, named, container }: OfObjectProps) {
  const shown = useShown(application, nodes, named);
  const [fields, change] = useFields();
  const { data: settings } = useGet<Settings>('/api/v1/settings');
  const tabs = tabsOf(shown, settings?.execEnabled ?? false);
  const added = tabsFor(useExtensions().tabs, named.group, named.kind);
  const asked = fields.get('tab');
  const extension = added.find(({ id }) => id === asked);
  const selected = tabs.find((id) => id === asked) ?? 'summary';
  const title = (
    <span className={css.title}>
      <span className={css.kind}>{named.kind}</span> <Text value={named.name} />
      <Copy text={named.name} what="the name" />
    </span>
  );
  const bar = (
    <Tabs
      label={`${named.kind} ${named.name}`}
      tabs={[
        ...tabs.map((id) => ({ id, label: TABS[id] })),
        ...added.map(({ id, title: label }) => ({ id, label: inert(label) })),
      ]}
      selected={extension?.id ?? selected}
      onSelect={(id) => change({ tab: id === 'summary' ? null : id }, { replace: true })}
    />
  );
  const actions = shown.live && (
    <>
      <ActionsMenu shown={shown} />
      <DeleteObject shown={shown} onClose={onClose} />
    </>
  );
  return (
    <Panel title={title} onClose={onClose} actions={actions} bar={bar} name="object">
      <div role="tabpanel" aria-label={extension ? inert(extension.title) : TABS[selected]} className={css.content}>
        <Gone shown={shown} />
        <Suspense fallback={<Loading />}>
          {extension ? (
            <Added key={extension.id} tab={extension} shown={shown} tree={tree} />
          ) : (
            <Content tab={selected} shown={shown} container={container} />
          )}
        </Suspense>
      </div>
    </Panel>
  );
}

function Content({ tab, shown, container }: { tab: TabId; shown: Shown; container: number }) {
  switch (tab) {
    case 'manifest':
      return <Manifest shown={shown} />;
    case 'diff':
      return <ObjectDiff shown={shown} />;
    case 'events':
      return <ObjectEvents shown={shown} />;
    case 'logs':
      return <Logs shown={shown} container={container} />;
    case 'terminal':
      return <Terminals shown={shown} container={container} />;
    default:
      return <Summary shown={shown} />;
  }
}

/** A tab of an extension, once there is an object to give it. */
function Added({ tab, shown, tree }: { tab: ObjectTab; shown: Shown; tree: SlotProps['tree'] }) {
  const object = shown.live ?? shown.desired;
  const resource = useMemo(() => (object === null ? null : plain(object)), [object]);
  if (resource === null) return shown.isRead ? null : <Loading />;
  return <Contained of={tab} given={{ application: shown.application, resource, tree }} />;
}

/** Which tabs there are: what an object cannot have is not there. */
function tabsOf({ isManaged, live, isRead, family, key }: Shown, hasTerminals: boolean): TabId[] {
  const hasPods = family.pods.length > 0 || (key.group === '' && key.kind === 'Pod');
  const isThere = live !== null || !isRead;
  return [
    'summary',
    'manifest',
    ...(isManaged ? (['diff'] as const) : []),
    ...(isThere ? (['events'] as const) : []),
    ...(hasPods ? (['logs'] as const) : []),
    ...(hasPods && hasTerminals ? (['terminal'] as const) : []),
  ];
}

/** What is said of an object that cannot be shown live. */
function Gone({ shown }: { shown: Shown }) {
  if (!shown.isRead || shown.live) return null;
  if (shown.error && !shown.isAbsent)
    return <Failed what="Reading the object" error={shown.error} retry={shown.again} />;
  return (
    <p className={css.gone} role="status">
      {shown.isManaged
        ? 'This object is not in the cluster. What is shown is what Git says; a sync makes it.'
        : 'This object is not in the cluster any more, or not part of the application.'}
    </p>
  );
}
