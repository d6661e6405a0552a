/** What a set says of itself, and its Applications. */
import type { ReactNode } from 'react';
import { Empty, Health, Link, Sync, Table, Text, Time } from '@/components';
import { applicationPath } from '@/routing';
import styles from '../settings/Card.module.css';
import { HeldSet } from './HeldSet';
import { type ApplicationSet, countOf, generatorsOf, projectOf, repositoriesOf, type SetResource } from './model';
import { stageOf, statusesOf } from './rollout';
import { Steps } from './Steps';

export function SummaryTab({ set }: { readonly set: ApplicationSet }) {
  return (
    <>
      <HeldSet set={set} />
      <Facts set={set} />
      <Conditions set={set} />
      <Steps set={set} />
      <Applications set={set} />
    </>
  );
}

function Facts({ set }: { readonly set: ApplicationSet }) {
  const { applicationsSync, preserveResourcesOnDeletion } = set.spec?.syncPolicy ?? {};
  const project = projectOf(set) || 'default';
  return (
    <section className={styles.card} aria-label="ApplicationSet">
      <dl className={styles.facts}>
        <Fact name="Project">
          <Link to={`/settings/projects/${encodeURIComponent(project)}`}>{project}</Link>
        </Fact>
        <Fact name="Namespace">
          <Text value={set.metadata.namespace ?? ''} />
        </Fact>
        <Fact name="Generators">
          <Text value={generatorsOf(set).join(', ') || 'None'} />
        </Fact>
        <Fact name="Repositories">
          <Text value={repositoriesOf(set).join(', ') || 'None'} />
        </Fact>
        {applicationsSync && (
          <Fact name="Policy">
            <Text value={applicationsSync} />
          </Fact>
        )}
        {preserveResourcesOnDeletion && <Fact name="On deletion">What was deployed stays in the cluster.</Fact>}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Conditions({ set }: { readonly set: ApplicationSet }) {
  const conditions = set.status?.conditions ?? [];
  return (
    <section className={styles.card} aria-label="Conditions">
      <h2>Conditions</h2>
      <Table
        label="Conditions of the set"
        rows={conditions}
        keyOf={({ type }) => type ?? ''}
        empty={<p>The controller has said nothing of it yet.</p>}
        columns={[
          { key: 'type', title: 'Condition', render: ({ type }) => <Text value={type ?? ''} /> },
          { key: 'status', title: 'Is so', render: ({ status }) => <Text value={status ?? ''} /> },
          { key: 'message', title: 'Message', render: ({ message }) => <Text value={message ?? ''} lines={6} /> },
          { key: 'since', title: 'Since', render: ({ lastTransitionTime }) => <Time at={lastTransitionTime} /> },
        ]}
      />
    </section>
  );
}

function Applications({ set }: { readonly set: ApplicationSet }) {
  const listed = set.status?.resources ?? [];
  const statuses = statusesOf(set);
  const home = set.metadata.namespace ?? '';
  const rollout = statuses.size > 0 && {
    key: 'rollout',
    title: 'Rollout',
    render: ({ name }: SetResource) => {
      const status = statuses.get(name);
      return status === undefined ? '' : <Text value={stageOf(status)} />;
    },
  };
  const message = statuses.size > 0 && {
    key: 'message',
    title: 'Last move',
    render: ({ name }: SetResource) => <Text value={statuses.get(name)?.message ?? ''} lines={2} />,
  };
  return (
    <section className={styles.card} aria-label="Applications">
      <h2>Applications</h2>
      <Table
        label={`Applications of ${set.metadata.name}`}
        rows={listed}
        keyOf={({ namespace, name }) => `${namespace}/${name}`}
        empty={<Empty title="No Applications">None are known to have been made of it.</Empty>}
        columns={[
          {
            key: 'name',
            title: 'Name',
            render: ({ namespace, name }) => <Link to={applicationPath(namespace ?? home, name)}>{name}</Link>,
          },
          { key: 'health', title: 'Health', render: ({ health }) => <Health status={health?.status} /> },
          { key: 'sync', title: 'Sync', render: ({ status }) => <Sync status={status} /> },
          ...(rollout ? [rollout] : []),
          ...(message ? [message] : []),
        ]}
      />
      {countOf(set) > listed.length && (
        <p className={styles.words}>
          {countOf(set) - listed.length} more are not listed in the set's status; the list of applications has them all.
        </p>
      )}
    </section>
  );
}
