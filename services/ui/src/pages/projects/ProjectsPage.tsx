/** Projects: the fences around applications. */
import { useState } from 'react';
import { useCan, useCanAnywhere } from '@/api/can';
import { post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useGet, useSend } from '@/api/query';
import { Button, Empty, Failed, Field, Link, Loading, Page, Table, Text, TextInput } from '@/components';
import { useGo } from '@/routing';
import { FormDialog } from '../settings/FormDialog';
import { placed, said } from '../settings/refusal';
import { PROJECTS, type Project, type ProjectList } from './model';

const FIELDS = {
  fields:
    'items.metadata.name,items.spec.description,items.spec.sourceRepos,items.spec.destinations,items.spec.syncWindows',
};

export function ProjectsPage() {
  const [isMaking, setMaking] = useState(false);
  const may = useCanAnywhere('projects', 'create');
  const { data, error, refetch } = useGet<ProjectList>(PROJECTS, FIELDS);
  return (
    <Page
      title="Projects"
      breadcrumbs={[{ label: 'Settings', to: '/settings' }]}
      actions={
        <Button kind="primary" icon="add" refused={may.refusal} onClick={() => setMaking(true)}>
          New project
        </Button>
      }
    >
      {error !== null && data === undefined && (
        <Failed error={error} what="The list of projects" retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && <List projects={data.items ?? []} />}
      {isMaking && <NewProject onClose={() => setMaking(false)} />}
    </Page>
  );
}

function List({ projects }: { projects: readonly Project[] }) {
  if (projects.length === 0)
    return <Empty title="No project that you may see">Make one, or ask who may to show you theirs.</Empty>;
  return (
    <Table
      label="Projects"
      rows={projects}
      keyOf={(project) => project.metadata.name}
      columns={[
        {
          key: 'name',
          title: 'Name',
          render: ({ metadata }) => (
            <Link to={`/settings/projects/${encodeURIComponent(metadata.name)}`}>{metadata.name}</Link>
          ),
        },
        { key: 'description', title: 'Description', render: ({ spec }) => <Text value={spec?.description ?? ''} /> },
        { key: 'sources', title: 'Sources', render: ({ spec }) => (spec?.sourceRepos ?? []).length, align: 'end' },
        {
          key: 'destinations',
          title: 'Destinations',
          render: ({ spec }) => (spec?.destinations ?? []).length,
          align: 'end',
        },
        { key: 'windows', title: 'Sync windows', render: ({ spec }) => (spec?.syncWindows ?? []).length, align: 'end' },
      ]}
    />
  );
}

function NewProject({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const go = useGo();
  const send = useSend(
    () =>
      post<Project>(PROJECTS, {
        project: { metadata: { name: name.trim() }, spec: { description: description.trim() } },
      }),
    {
      invalidates: [PROJECTS],
      onDone: () => go(`/settings/projects/${encodeURIComponent(name.trim())}`),
    },
  );
  const refused =
    send.error === null
      ? null
      : placed(wordsOf(send.error), [
          [/metadata\.name|name|exists|different/i, 'name'],
          [/description/, 'description'],
        ]);
  const may = useCan('projects', 'create', name.trim() || null);
  const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name.trim());
  return (
    <FormDialog
      title="New project"
      action="Create"
      busy={send.isPending}
      refused={isName ? may.refusal : 'A project needs a name of small letters, digits, - and .'}
      refusal={refused}
      onSubmit={() => send.mutate(undefined)}
      onClose={onClose}
    >
      <Field
        label="Name"
        hint="It permits nothing until you add sources and destinations"
        error={
          said(refused, 'name') ??
          (name && !isName
            ? "Small letters, digits, '-' and '.', beginning and ending with a letter or digit"
            : undefined)
        }
      >
        <TextInput value={name} onChange={setName} />
      </Field>
      <Field label="Description" error={said(refused, 'description')}>
        <TextInput value={description} onChange={setDescription} />
      </Field>
    </FormDialog>
  );
}
