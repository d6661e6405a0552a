/** ApplicationSets that there are. */
import { useState } from 'react';
import { useGet } from '@/api/query';
import { Empty, Failed, Field, Link, Loading, Page, Table, Text, TextInput, Time } from '@/components';
import { type ApplicationSet, generatorsOf, projectOf, SETS } from './model';

export function ApplicationSetsPage() {
  const { data, error, refetch } = useGet<{ items?: readonly ApplicationSet[] | null }>(SETS);
  const [typed, setTyped] = useState('');
  const all = data?.items ?? [];
  const sets = all.filter((set) =>
    `${set.metadata.name} ${projectOf(set)}`.toLowerCase().includes(typed.trim().toLowerCase()),
  );
  return (
    <Page title="ApplicationSets">
      {error !== null && data === undefined && (
        <Failed error={error} what="The list of ApplicationSets" retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && all.length === 0 && (
        <Empty title="No ApplicationSets">There is none that you may see.</Empty>
      )}
      {all.length > 0 && (
        <>
          <Field label="Find by name or project">
            <TextInput type="search" value={typed} onChange={setTyped} />
          </Field>
          <Table
            label="ApplicationSets"
            rows={sets}
            keyOf={({ metadata }) => `${metadata.namespace}/${metadata.name}`}
            empty={<Empty title="None of that name" />}
            columns={[
              {
                key: 'name',
                title: 'Name',
                render: ({ metadata }) => (
                  <Link
                    to={`/applicationsets/${encodeURIComponent(metadata.namespace ?? '')}/${encodeURIComponent(metadata.name)}`}
                  >
                    {metadata.name}
                  </Link>
                ),
              },
              { key: 'project', title: 'Project', render: (set) => <Text value={projectOf(set)} /> },
              {
                key: 'generators',
                title: 'Generators',
                render: (set) => <Text value={generatorsOf(set).join(', ')} />,
              },
              {
                key: 'applications',
                title: 'Applications',
                align: 'end',
                render: ({ status }) => (status?.resources ?? []).length,
              },
              { key: 'made', title: 'Made', render: ({ metadata }) => <Time at={metadata.creationTimestamp} /> },
            ]}
          />
        </>
      )}
    </Page>
  );
}
