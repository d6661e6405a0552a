/** The project and where it deploys to, with what the project allows said before. */
import { useEffect, useRef } from 'react';
import { useGet } from '@/api';
import type { AppProject, AppProjectList, ClusterList } from '@/api/schema';
import { Combobox, Field, TextInput } from '@/components';
import type { Draft, Path } from '@/kubernetes/draft';
import { inert } from '@/text/inert';
import css from '../parameters/parameters.module.css';

export interface DestinationFormProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  errorAt: (path: Path) => string;
}

const DESTINATION = ['spec', 'destination'] as const;

export function DestinationForm({ draft, onChange, errorAt }: DestinationFormProps) {
  const projects = useGet<AppProjectList>('/api/v1/projects');
  const clusters = useGet<ClusterList>('/api/v1/clusters');
  const name = draft.string(['spec', 'project']);
  const project = projects.data?.items?.find((one) => one.metadata?.name === name);
  const names = (projects.data?.items ?? []).map((one) => ({ value: one.metadata?.name ?? '' }));
  const offered = (clusters.data?.items ?? []).map((one) => ({
    value: one.server ?? '',
    label: one.name || one.server || '',
    hint: one.server ?? '',
  }));
  const cluster = draft.string([...DESTINATION, 'name']) || draft.string([...DESTINATION, 'server']);
  const byName = (clusters.data?.items ?? []).find((one) => one.name === cluster)?.name;
  useOnlyCluster(draft, clusters.data, onChange);
  return (
    <>
      <Field
        label="Project"
        required
        hint={project?.spec?.description ? inert(project.spec.description) : undefined}
        error={errorAt(['spec', 'project'])}
      >
        <Combobox
          value={name}
          options={names}
          onChange={(value) => onChange(draft.exactly(['spec', 'project'], value))}
        />
      </Field>
      <div className={css['pair']}>
        <Field label="Cluster" required hint="By its name or by its address." error={errorAt(DESTINATION)}>
          <Combobox
            value={byName ?? cluster}
            options={offered}
            onChange={(value) => onChange(withCluster(draft, value))}
          />
        </Field>
        <Field
          label="Namespace"
          hint="For objects that name none; made where “Create the namespace” is ticked below."
          error={errorAt([...DESTINATION, 'namespace'])}
        >
          <TextInput
            value={draft.string([...DESTINATION, 'namespace'])}
            onChange={(value) => onChange(draft.exactly([...DESTINATION, 'namespace'], value))}
          />
        </Field>
      </div>
      {project && <Allowed project={project} />}
    </>
  );
}

/** Where there is one cluster only nobody has to choose it. */
function useOnlyCluster(draft: Draft, list: ClusterList | undefined, onChange: (draft: Draft) => void): void {
  const isOffered = useRef(false);
  useEffect(() => {
    if (!list || isOffered.current) return;
    isOffered.current = true;
    const [only, ...more] = list.items ?? [];
    const said = draft.string([...DESTINATION, 'name']) || draft.string([...DESTINATION, 'server']);
    if (only?.server && more.length === 0 && !said) onChange(withCluster(draft, only.server));
  });
}

/** An address goes into `server`, anything else is a name; the other field goes. */
export function withCluster(draft: Draft, value: string): Draft {
  const isAddress = value === '' || /^https?:/.test(value);
  return draft
    .with([...DESTINATION, isAddress ? 'name' : 'server'], undefined, DESTINATION.length)
    .exactly([...DESTINATION, isAddress ? 'server' : 'name'], value);
}

function placeOf(one: { name?: string; server?: string; namespace?: string }): string {
  const cluster = one.name || one.server || '*';
  const namespace = one.namespace || '*';
  const where = cluster === '*' ? 'any cluster' : cluster;
  return namespace === '*' ? where : `${namespace} of ${where}`;
}

/** Rules told one by one; of more only how many. */
const TOLD = 5;

function Allowed({ project }: { project: AppProject }) {
  const spec = project.spec;
  const places = (spec?.destinations ?? []).map((one) => placeOf(one));
  return (
    <p className={css['allowed']}>
      <strong>{project.metadata?.name}</strong> allows{' '}
      {listed(
        (spec?.sourceRepos ?? []).map((one) => (one === '*' ? 'any repository' : one)),
        'no repository',
      )}{' '}
      to be deployed to {listed(places, 'nowhere')}.
    </p>
  );
}

function listed(items: readonly string[], none: string): string {
  if (items.length === 0) return none;
  const rest = items.length - TOLD;
  return items.slice(0, TOLD).map(inert).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
