/** Objects of all applications that the reader may see: found, narrowed, sorted and counted by the server. */

import { keepPreviousData } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useGet } from '@/api/query';
import {
  Button,
  Empty,
  Facet,
  Failed,
  Field,
  Health,
  Link,
  Loading,
  NARROW,
  Page,
  Sync,
  Table,
  Text,
  TextInput,
  useMedia,
} from '@/components';
import { applicationPath, useFields } from '@/routing';
import styles from './Resources.module.css';
import { FACETS, type Found, type Item, LIMIT, queryOf, rangeOf } from './search';

/** Milliseconds of rest in typing before the server is asked. */
const PAUSE = 120;
/** Milliseconds after which what is shown is asked for anew. */
const AGAIN = 10_000;

export function ResourcesPage() {
  const { data: settings } = useGet<{ resourceViewEnabled?: boolean }>('/api/v1/settings');
  return (
    <Page title="Resources">
      {settings !== undefined && !settings.resourceViewEnabled ? (
        <Empty title="This view is switched off">
          An operator switched it off with <code>ui.view.resources.disabled</code> in <code>argocd-cm</code>.
        </Empty>
      ) : (
        <Search />
      )}
    </Page>
  );
}

function Search() {
  const [fields, change] = useFields();
  const query = queryOf(fields);
  const { data, error, refetch } = useGet<Found>('/api/v1/search/resources', query, {
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN,
  });
  const isNarrow = useMedia(NARROW);
  const [isFiltering, setFiltering] = useState<boolean | null>(null);
  const hasFilters = isFiltering ?? !isNarrow;
  const offset = query.offset ?? 0;
  const sort = fields.get('sort') ?? 'name';
  return (
    <div className={styles.search}>
      <div className={styles.bar}>
        <Typed
          value={fields.get('search') ?? ''}
          onChange={(search) => change({ search, offset: null }, { replace: true })}
        />
        <Button icon="filter" aria-expanded={hasFilters} onClick={() => setFiltering(!hasFilters)}>
          Filters
        </Button>
      </div>
      {hasFilters && (
        <aside className={styles.facets} aria-label="Filters">
          {FACETS.map(({ field, title }) => (
            <Facet
              key={field}
              title={title}
              values={(data?.facets?.[field]?.values ?? []).map(({ value, count, name }) => ({
                value,
                count,
                sign: signOf(field, value),
                ...(name ? { label: name } : {}),
              }))}
              chosen={fields.getAll(field)}
              onChange={(chosen) => change({ [field]: chosen, offset: null })}
              more={data?.facets?.[field]?.more ?? false}
              closed={isNarrow || (field !== 'kind' && field !== 'health' && field !== 'sync')}
            />
          ))}
        </aside>
      )}
      <div className={styles.found}>
        {error !== null && data === undefined && <Failed error={error} what="The search" retry={() => refetch()} />}
        {error === null && data === undefined && <Loading />}
        {data !== undefined && (
          <>
            <p aria-live="polite" className={styles.count}>
              {rangeOf(data)}
              {data.more &&
                '. There are applications whose objects are not among these, since there are too many: narrow them on their own page'}
            </p>
            <List items={data.items} sort={sort} onSort={(next) => change({ sort: next, offset: null })} />
            <nav aria-label="Pages" className={styles.pages}>
              <Button
                refused={offset === 0 ? 'This is the first page' : ''}
                onClick={() => change({ offset: offset > LIMIT ? String(offset - LIMIT) : null })}
              >
                Earlier
              </Button>
              <Button
                refused={offset + LIMIT >= data.total ? 'This is the last page' : ''}
                onClick={() => change({ offset: String(offset + LIMIT) })}
              >
                Later
              </Button>
            </nav>
          </>
        )}
      </div>
    </div>
  );
}

/** The sign and word of a state; what has none, and other values, are told by their label. */
function signOf(field: string, value: string): ReactNode {
  if (value === '') return undefined;
  if (field === 'health') return <Health status={value} />;
  return field === 'sync' ? <Sync status={value} /> : undefined;
}

function Typed({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <div className={styles.typed}>
      <Field label="Search" hint="Words of the name, kind, namespace, application" hideLabel>
        <TextInput type="search" value={typed} onChange={setTyped} placeholder="Search objects" />
      </Field>
    </div>
  );
}

interface ListProps {
  readonly items: readonly Item[];
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}

function List({ items, sort, onSort }: ListProps) {
  return (
    <Table
      label="Objects"
      rows={items}
      keyOf={(item) => item.key}
      sort={sort}
      onSort={onSort}
      empty={<Empty title="Nothing found">Take a filter out, or search for fewer words.</Empty>}
      columns={[
        {
          key: 'name',
          title: 'Name',
          sort: 'name',
          render: (item) => (
            <Link to={`${pageOf(item)}?node=${encodeURIComponent(nodeOf(item))}`}>
              <Text value={item.name} />
            </Link>
          ),
        },
        {
          key: 'kind',
          title: 'Kind',
          sort: 'kind',
          render: (item) => <Text value={item.group ? `${item.kind} (${item.group})` : item.kind} />,
        },
        {
          key: 'namespace',
          title: 'Namespace',
          sort: 'namespace',
          render: (item) => <Text value={item.namespace ?? ''} />,
        },
        {
          key: 'health',
          title: 'Health',
          sort: 'health',
          render: (item) => (item.health ? <Health status={item.health} /> : '–'),
        },
        { key: 'sync', title: 'Sync', sort: 'sync', render: (item) => (item.sync ? <Sync status={item.sync} /> : '–') },
        {
          key: 'application',
          title: 'Application',
          sort: 'application',
          render: (item) => (
            <Link to={pageOf(item)}>
              <Text value={item.application} />
            </Link>
          ),
        },
        { key: 'project', title: 'Project', sort: 'project', render: (item) => <Text value={item.project ?? ''} /> },
        {
          key: 'cluster',
          title: 'Cluster',
          sort: 'cluster',
          render: (item) => <Text value={item.cluster?.name ?? item.cluster?.server ?? ''} />,
        },
      ]}
    />
  );
}

function pageOf(item: Item): string {
  return item.appNamespace
    ? applicationPath(item.appNamespace, item.application)
    : `/applications/${encodeURIComponent(item.application)}`;
}

function nodeOf({ group = '', kind, namespace = '', name }: Item): string {
  return `${group}/${kind}/${namespace}/${name}/0`;
}
