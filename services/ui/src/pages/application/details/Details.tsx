/** What the application is: its facts, and the tabs about it that are there. */

import { Suspense } from 'react';
import { useGet } from '@/api';
import { External, Link } from '@/components/Link';
import { Panel } from '@/components/Panel';
import { Loading } from '@/components/States';
import { Tabs } from '@/components/Tabs';
import { Time } from '@/components/Time';
import { Contained } from '@/extensions/Contained';
import { tabsFor, useExtensions } from '@/extensions/registry';
import { pagePath as setPagePath } from '@/pages/applicationsets/model';
import { Badges } from '@/pages/settings/Badges';
import { applicationPath } from '@/routing';
import { useSettings } from '@/shell/settings';
import { inert } from '@/text/inert';
import { Text } from '@/text/Text';
import { named, pathOf } from '../acts';
import type { Application } from '../model';
import { setOf, sourcesOf } from '../model';
import { DETAILS, type SlotProps } from '../slots';
import { hydrationPhrase } from '../state/hydration';
import { sourceWords } from '../state/words';
import { type Address, addressesOf } from './addresses';
import css from './Details.module.css';

export interface DetailsProps extends SlotProps {
  tab: string;
  onTab: (tab: string) => void;
}

export function Details({ tab, onTab, ...slot }: DetailsProps) {
  const chosen = DETAILS.find((one) => one.id === tab);
  const added = tabsFor(useExtensions().tabs, 'argoproj.io', 'Application');
  const extension = added.find((one) => one.id === tab);
  const tabs = [
    { id: 'summary', label: 'Summary' },
    ...DETAILS.map(({ id, label }) => ({ id, label })),
    ...added.map(({ id, title }) => ({ id, label: inert(title) })),
  ];
  const bar =
    tabs.length > 1 ? (
      <Tabs label="Details" tabs={tabs} selected={chosen?.id ?? extension?.id ?? 'summary'} onSelect={onTab} />
    ) : undefined;
  return (
    <Panel title={slot.application.metadata?.name ?? ''} name="details" bar={bar} onClose={slot.onClose}>
      <Suspense fallback={<Loading />}>
        {chosen ? (
          <chosen.Content {...slot} />
        ) : extension ? (
          <Contained
            key={extension.id}
            of={extension}
            given={{ application: slot.application, resource: slot.application, tree: slot.tree }}
          />
        ) : (
          <Summary application={slot.application} />
        )}
      </Suspense>
    </Panel>
  );
}

interface Links {
  items?: { title?: string; url?: string; description?: string }[];
}

function Summary({ application }: { application: Application }) {
  const { name, appNamespace, project } = named(application);
  const links = useGet<Links>(`${pathOf(name)}/links`, { namespace: appNamespace, project });
  const settings = useSettings();
  const badgeQuery = `name=${encodeURIComponent(name)}&namespace=${encodeURIComponent(appNamespace)}`;
  const { destination, syncPolicy } = application.spec ?? {};
  const server = destination?.server || destination?.name || '';
  const labels = Object.entries(application.metadata?.labels ?? {});
  const options = syncPolicy?.syncOptions ?? [];
  const owner = setOf(application);
  return (
    <dl className={css.facts}>
      <Fact name="Project">
        <Link to={`/settings/projects/${encodeURIComponent(project)}`}>{project}</Link>
      </Fact>
      <Fact name="Application is in">{appNamespace}</Fact>
      {owner !== '' && (
        <Fact name="Made by the ApplicationSet">
          <Link to={setPagePath(appNamespace, owner)}>{owner}</Link>
        </Fact>
      )}
      <Fact name="Cluster">
        <Link to={`/settings/clusters/${encodeURIComponent(destination?.server || server)}`}>
          <bdi>{server}</bdi>
        </Link>
      </Fact>
      <Fact name="Namespace">{destination?.namespace || '–'}</Fact>
      {sourcesOf(application).map((source, index) => (
        <Fact
          key={`${source.repoURL} ${source.path} ${source.chart} ${source.ref}`}
          name={index ? `Source ${index + 1}` : 'Source'}
        >
          <Text value={sourceWords(source)} length={300} /> at <bdi>{source.targetRevision || 'HEAD'}</bdi>
          {source.repoURL && (
            <>
              {' '}
              <External href={source.repoURL}>repository</External>
            </>
          )}
        </Fact>
      ))}
      <Hydration application={application} />
      <Fact name="Created">
        <Time at={application.metadata?.creationTimestamp} />
      </Fact>
      {options.length > 0 && (
        <Fact name="Sync options">
          <List items={options} />
        </Fact>
      )}
      {syncPolicy?.retry && (
        <Fact name="Retries">
          {Number(syncPolicy.retry.limit) < 0 ? 'for ever' : `${syncPolicy.retry.limit ?? 0} times`}
        </Fact>
      )}
      {labels.length > 0 && (
        <Fact name="Labels">
          <List items={labels.map(([key, value]) => `${key}=${value}`)} />
        </Fact>
      )}
      <Addresses name="Addresses" items={addressesOf(application)} />
      <Addresses
        name="Links"
        items={(links.data?.items ?? []).map((one) => ({ title: one.title ?? '', url: one.url ?? '' }))}
      />
      {(application.spec?.info ?? []).map((one) => (
        <Fact key={`${one.name} ${one.value}`} name={one.name ?? ''}>
          <External href={one.value ?? ''} />
        </Fact>
      ))}
      {settings.statusBadgeEnabled && (
        <Fact name="Badge">
          <Badges query={badgeQuery} link={applicationPath(appNamespace, name)} />
        </Fact>
      )}
    </dl>
  );
}

/** What is hydrated, where to, and all that was said of it last. */
function Hydration({ application }: { application: Application }) {
  const hydrator = application.spec?.sourceHydrator;
  const said = hydrationPhrase(application);
  if (!hydrator || !said) return null;
  const dry = hydrator.drySource ?? {};
  return (
    <>
      <Fact name="Dry source">
        <Text value={sourceWords(dry)} length={300} /> at <bdi>{dry.targetRevision || 'HEAD'}</bdi>{' '}
        <External href={dry.repoURL ?? ''}>repository</External>
      </Fact>
      {hydrator.hydrateTo?.targetBranch && <Fact name="Hydrated to">{hydrator.hydrateTo.targetBranch}</Fact>}
      <Fact name="Hydration">
        <Text value={[said.text, said.detail].filter(Boolean).join('\n')} length={5000} /> <Time at={said.at} />
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>
        <Text value={name} length={100} lines={1} />
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function List({ items }: { items: readonly string[] }) {
  return (
    <ul>
      {items.map((item) => (
        <li key={item}>
          <code>
            <Text value={item} length={200} />
          </code>
        </li>
      ))}
    </ul>
  );
}

function Addresses({ name, items }: { name: string; items: readonly Address[] }) {
  if (!items.length) return null;
  return (
    <Fact name={name}>
      <ul>
        {items.map((one) => (
          <li key={`${one.title} ${one.url}`}>
            <External href={one.url}>{one.title || one.url}</External>
          </li>
        ))}
      </ul>
    </Fact>
  );
}
