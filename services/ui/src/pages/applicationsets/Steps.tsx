/** The steps of a rolling sync, and how far each is. */
import { Badge, Table, Text } from '@/components';
import styles from '../settings/Card.module.css';
import type { ApplicationSet } from './model';
import { type StepState, stepsOf } from './rollout';

export function Steps({ set }: { readonly set: ApplicationSet }) {
  const steps = stepsOf(set);
  if (steps === null) return null;
  return (
    <section className={styles.card} aria-label="Rollout">
      <h2>Rollout</h2>
      <Table
        label="Steps of the rollout"
        rows={steps}
        keyOf={({ number }) => String(number)}
        empty={<p>No step is defined.</p>}
        columns={[
          { key: 'number', title: 'Step', render: ({ number }) => number },
          { key: 'state', title: 'State', render: (step) => <State step={step} /> },
          { key: 'healthy', title: 'Healthy', render: ({ healthy, total }) => `${healthy} of ${total}` },
          { key: 'moving', title: 'Being synced', render: ({ moving }) => moving },
          { key: 'waiting', title: 'Waiting', render: ({ waiting }) => waiting },
          { key: 'selects', title: 'Applications', render: ({ selects }) => <Text value={selects} /> },
          { key: 'most', title: 'How many', render: ({ atOnce }) => <Text value={atOnce} /> },
        ]}
      />
    </section>
  );
}

function State({ step }: { readonly step: StepState }) {
  if (step.total === 0) return <Badge>Empty</Badge>;
  if (step.healthy === step.total) return <Badge tone="ok">Done</Badge>;
  return step.moving > 0 ? <Badge tone="busy">Under way</Badge> : <Badge>Waiting</Badge>;
}
