/** One project: what it permits, its roles, its sync windows, what happened to it. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { del } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { queryClient, useGet, useSend } from '@/api/query';
import { Button, Confirm, Failed, Loading, Page, Tabs } from '@/components';
import { useFields, useGo, useParam } from '@/routing';
import { Badges } from '../settings/Badges';
import { KubernetesEvents } from '../settings/KubernetesEvents';
import { type Detailed, PROJECTS, pathOf } from './model';
import { ProjectOvertaken } from './Overtaken';
import { RolesTab } from './RolesTab';
import { SummaryTab } from './SummaryTab';
import { useSaving } from './saving';
import { WindowsTab } from './windows/WindowsTab';

const TABS = [
  { id: 'summary', label: 'Summary' },
  { id: 'roles', label: 'Roles' },
  { id: 'windows', label: 'Sync windows' },
  { id: 'events', label: 'Events' },
  { id: 'badge', label: 'Badge' },
];

export function ProjectPage() {
  const name = useParam('name');
  const { data, error, refetch } = useGet<Detailed>(pathOf(name, '/detailed'));
  const [isDeleting, setDeleting] = useState(false);
  const can = useCan('projects', 'delete', name);
  return (
    <Page
      title={name}
      breadcrumbs={[
        { label: 'Settings', to: '/settings' },
        { label: 'Projects', to: '/settings/projects' },
      ]}
      actions={
        <Button
          icon="trash"
          refused={name === 'default' ? 'The project default cannot be deleted' : can.refusal}
          onClick={() => setDeleting(true)}
        >
          Delete
        </Button>
      }
    >
      {error !== null && data === undefined && (
        <Failed error={error} what={`The project ${name}`} retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && <Content detailed={data} />}
      {isDeleting && <DeleteProject name={name} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

function Content({ detailed }: { detailed: Detailed }) {
  const [fields, change] = useFields();
  const asked = fields.get('tab') ?? '';
  const selected = TABS.some(({ id }) => id === asked) ? asked : 'summary';
  const saving = useSaving(detailed.project);
  const { name } = detailed.project.metadata;
  const inherited = (detailed.globalProjects ?? []).flatMap((one) => one.spec.syncWindows ?? []);
  return (
    <Tabs label="Parts of the project" tabs={TABS} selected={selected} onSelect={(tab) => change({ tab })}>
      {saving.overtaking && <ProjectOvertaken name={name} overtaking={saving.overtaking} />}
      {selected === 'summary' && <SummaryTab detailed={detailed} saving={saving} />}
      {selected === 'roles' && <RolesTab project={detailed.project} saving={saving} />}
      {selected === 'windows' && <WindowsTab project={detailed.project} saving={saving} inherited={inherited} />}
      {selected === 'events' && <KubernetesEvents path={pathOf(name, '/events')} />}
      {selected === 'badge' && (
        <Badges query={`project=${encodeURIComponent(name)}`} link={`/applications?proj=${encodeURIComponent(name)}`} />
      )}
    </Tabs>
  );
}

function DeleteProject({ name, onClose }: { name: string; onClose: () => void }) {
  const go = useGo();
  const send = useSend(() => del(pathOf(name)), {
    onDone: () => {
      go('/settings/projects');
      void queryClient.invalidateQueries({ queryKey: [PROJECTS] });
    },
  });
  const { data } = useGet<{ total: number }>('/api/v1/search/applications', {
    project: name,
    limit: 0,
    facets: 'none',
  });
  const count = data?.total ?? 0;
  return (
    <Confirm
      title={`Delete project ${name}`}
      name={name}
      action="Delete"
      busy={send.isPending}
      error={send.error === null ? '' : wordsOf(send.error)}
      onClose={onClose}
      onConfirm={() => send.mutate(undefined)}
    >
      {count > 0
        ? `${count} ${count === 1 ? 'application is' : 'applications are'} of this project: it is kept until none is. `
        : 'No application that you may see is of this project. '}
      Its roles and their tokens are lost with it.
    </Confirm>
  );
}
