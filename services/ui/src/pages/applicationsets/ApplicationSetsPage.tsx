/** ApplicationSets that there are, as they are now. */
import { useState } from 'react';
import { Badge, Empty, Failed, Field, Health, Link, Loading, Page, Table, Text, TextInput, Time } from '@/components';
import { complaintOf, countOf, generatorsOf, pagePath, projectOf } from './model';
import { NewSet } from './NewSet';
import { useSets } from './useSets';

export function ApplicationSetsPage() {
  const { data, error, refetch } = useSets();
  const [typed, setTyped] = useState('');
  const all = data?.items ?? [];
  const sets = all.filter((set) =>
    `${set.metadata.name} ${projectOf(set)}`.toLowerCase().includes(typed.trim().toLowerCase()),
  );
  return (
    <Page title="ApplicationSets" actions={<NewSet />}>
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
                  <Link to={pagePath(metadata.namespace ?? '', metadata.name)}>{metadata.name}</Link>
                ),
              },
              {
                key: 'health',
                title: 'Health',
                render: ({ metadata, status }) =>
                  metadata.deletionTimestamp ? (
                    <Badge tone="warn">Being deleted</Badge>
                  ) : (
                    <Health status={status?.health?.status} />
                  ),
              },
              { key: 'project', title: 'Project', render: (set) => <Text value={projectOf(set)} /> },
              {
                key: 'generators',
                title: 'Generators',
                render: (set) => <Text value={generatorsOf(set).join(', ')} />,
              },
              { key: 'applications', title: 'Applications', align: 'end', render: countOf },
              { key: 'words', title: 'What is wrong', render: (set) => <Text value={complaintOf(set)} lines={2} /> },
              { key: 'made', title: 'Made', render: ({ metadata }) => <Time at={metadata.creationTimestamp} /> },
            ]}
          />
        </>
      )}
    </Page>
  );
}
