/** Two deployed states of an application side by side, object by object. */
import { useGet } from '@/api';
import { Failed, Field, IconButton, Loading, Select } from '@/components';
import { exact, millisecondsOf } from '@/text/time';
import { ManifestDiff, type ManifestPair } from '../parameters/ManifestDiff';
import type { Deployment } from './deployments';
import css from './history.module.css';

export interface StateDiffProps {
  application: { name: string; namespace: string; project: string };
  deployments: readonly Deployment[];
  /** Ids of deployments, or `spec` for what the application says now. */
  from: string;
  to: string;
  onChange: (from: string, to: string) => void;
  onClose: () => void;
}

export interface RevisionDiff {
  items?: ManifestPair[];
  same?: number;
  more?: number;
}

export function StateDiff({ application, deployments, from, to, onChange, onClose }: StateDiffProps) {
  const found = useGet<RevisionDiff>(
    from === to ? null : '/api/v1/revision-diff',
    { application: application.name, appNamespace: application.namespace, project: application.project, from, to },
    { retry: false, staleTime: 60_000 },
  );
  const options = [
    { value: 'spec', label: 'what the application says now' },
    ...deployments.map((one) => ({
      value: String(one.id),
      label: `#${one.id}, ${exact(millisecondsOf(one.deployedAt) ?? 0)}`,
    })),
  ];
  return (
    <section className={css['states']} aria-label="Difference of two states">
      <header className={css['pair']}>
        <Field label="From">
          <Select value={from} options={options} onChange={(value) => onChange(value, to)} />
        </Field>
        <Field label="To">
          <Select value={to} options={options} onChange={(value) => onChange(from, value)} />
        </Field>
        <IconButton icon="close" label="Close the difference" onClick={onClose} />
      </header>
      {from === to && <p>Choose two states.</p>}
      {found.isLoading && <Loading />}
      {found.isError && (
        <Failed what="Comparing the two states" error={found.error} retry={() => void found.refetch()} />
      )}
      {found.data && from !== to && (
        <ManifestDiff items={found.data.items ?? []} same={found.data.same ?? 0} more={found.data.more ?? 0} />
      )}
    </section>
  );
}
