/** The objects of the application in the view that the address names, narrowed by its filters. */

import { useCallback, useMemo, useState } from 'react';
import { Empty, Loading } from '@/components/States';
import { useMedia } from '@/components/useMedia';
import { Contained } from '@/extensions/Contained';
import { displayed, useExtensions } from '@/extensions/registry';
import { defaultView } from '@/pages/applications/notice';
import { usePreference } from '@/preferences';
import { applicationPath, useFields, useGo } from '@/routing';
import { inert } from '@/text/inert';
import { Text } from '@/text/Text';
import { applicationParameter, CLOSED, keyIn, nodeParameter, type ViewName, viewOf } from './address';
import { isChild } from './children';
import { Facets } from './filter/Facets';
import { FilterBar } from './filter/FilterBar';
import { ListView } from './list/ListView';
import type { Application, TreeObject } from './model';
import css from './Objects.module.css';
import { PodsView } from './pods/PodsView';
import { conditionsOf } from './state/words';
import { Canvas } from './tree/Canvas';
import { type Filter, formatted, matches, parsed } from './tree/filter';
import { byOwner, type Forest, isAddress, networkOf } from './tree/forest';
import { APPLICATION } from './tree/picture';
import { isQuiet } from './tree/trouble';
import { usePicture } from './tree/use_picture';
import { treeOf, type View } from './view';

export interface ObjectsProps {
  view: View;
  application: Application;
  objects: ReadonlyMap<string, TreeObject>;
  addressOf: (key: string) => string;
}

/** Windows in which a tree is no picture. */
const TREELESS = '(max-width: 599px)';
const POD_SORT = 'pref.argocd.argoproj.io/default-pod-sort';

export function Objects({ view, application, objects, addressOf }: ObjectsProps) {
  const [fields, change] = useFields();
  const [areFacetsOpen, setFacetsOpen] = usePreference('application.filters', false);
  const said = fields.get('resource');
  const filter = useMemo(() => parsed(said), [said]);
  const annotations = application.metadata?.annotations;
  const isNarrow = useMedia(TREELESS);
  const name = viewOf(fields.get('view'), defaultView(annotations), isNarrow);
  const views = displayed(useExtensions().views, application);
  const extension = views.find(({ title }) => title === fields.get('view'));
  const tree = useMemo(() => (extension ? treeOf(view) : null), [extension, view]);
  const onFilter = (next: Filter, isTyping = false) => change({ resource: formatted(next) }, { replace: isTyping });
  const matching = useCallback((object: TreeObject) => matches(object, filter), [filter]);
  const found = useMemo(() => [...objects.values()].filter(matching), [objects, matching]);
  const owners = useMemo(() => byOwner(objects), [objects]);
  const go = useGo();
  const choose = (key: string | null) => {
    const object = objects.get(key ?? '');
    if (!object) change({ ...CLOSED, node: applicationParameter(application), tab: 'summary' });
    else if (isChild(object, application)) go(applicationPath(object.namespace, object.name));
    else change({ ...CLOSED, node: nodeParameter(object) });
  };
  const shared = { objects, addressOf, selected: keyIn(fields.get('node')) };
  return (
    <section aria-label="Objects" className={css.objects}>
      <FilterBar
        view={extension?.title ?? name}
        added={views.map(({ title }) => title)}
        onView={(next) => change({ view: next })}
        filter={filter}
        onFilter={onFilter}
        areFacetsOpen={areFacetsOpen}
        onFacets={() => setFacetsOpen(!areFacetsOpen)}
        matching={found.length}
        total={objects.size}
        troubled={found.filter((one) => !isQuiet(one)).length}
      />
      <div className={css.view}>
        {areFacetsOpen && !extension && <Facets objects={objects} filter={filter} onFilter={onFilter} />}
        {extension ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard.
          <section className={css.added} aria-label={inert(extension.title)} tabIndex={0}>
            <Contained key={extension.title} of={extension} given={{ application, tree }} />
          </section>
        ) : !view.hasTree && objects.size === 0 ? (
          <Loading label="Loading the objects" lines={6} />
        ) : objects.size === 0 ? (
          <Nothing application={application} />
        ) : name === 'list' ? (
          <ListView {...shared} objects={found} onChoose={choose} />
        ) : name === 'pods' ? (
          <PodsView
            {...shared}
            forest={owners}
            hosts={view.hosts}
            matching={matching}
            wished={annotations?.[POD_SORT] ?? ''}
          />
        ) : (
          <Tree key={name} {...shared} name={name} application={application} filter={filter} onChoose={choose} />
        )}
      </div>
    </section>
  );
}

/** The first object that is reached at an address. */
function reachedAt(key: string, forest: Forest): string | null {
  return forest.children.get(key)?.[0] ?? forest.links.find(([from]) => from === key)?.[1] ?? null;
}

function Nothing({ application }: { application: Application }) {
  const sync = application.status?.sync?.status;
  if (!sync) return <Empty title="Nothing is known yet">The first comparison is on its way.</Empty>;
  if (sync === 'Unknown') {
    const problem = conditionsOf(application).find((one) => one.severity === 'error')?.message;
    return (
      <Empty title="Its objects are not known">
        {problem ? <Text value={problem} lines={8} /> : 'It could not be compared.'} Nothing is changed meanwhile.
      </Empty>
    );
  }
  return (
    <Empty title="There are no objects">
      Neither Git nor the cluster has any for this application. Look at its source: path, revision and filters.
    </Empty>
  );
}

interface TreeProps {
  objects: ReadonlyMap<string, TreeObject>;
  application: Application;
  filter: Filter;
  name: ViewName;
  selected: string | null;
  onChoose: (key: string | null) => void;
}

function Tree({ objects, application, filter, name, selected, onChoose }: TreeProps) {
  const drawing = useMemo(
    () => (name === 'network' ? networkOf(objects) : { objects, forest: byOwner(objects) }),
    [name, objects],
  );
  const { forest } = drawing;
  const drawn = usePicture(drawing.objects, forest, filter);
  const [active, setActive] = useState(selected ?? APPLICATION);
  const title = application.metadata?.name ?? '';
  if (forest.roots.length === 0) {
    return (
      <Empty title="Nothing of this application serves anybody">
        Services, Ingresses and pods with labels are shown here.
      </Empty>
    );
  }
  return (
    <Canvas
      picture={drawn.picture}
      title={title}
      label={name === 'network' ? `How traffic reaches ${title}` : `Objects of ${title} by owner`}
      active={drawn.picture.at.has(active) ? active : APPLICATION}
      selected={selected}
      onActive={setActive}
      onOpen={drawn.open}
      onClose={drawn.close}
      onChoose={({ object }) => {
        onChoose(object && isAddress(object) ? reachedAt(object.key, forest) : (object?.key ?? null));
      }}
      onTidy={drawn.tidy}
    />
  );
}
