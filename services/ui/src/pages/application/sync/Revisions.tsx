/** The revision of each source: a branch, a tag or a commit, with who wrote it and what it says. */
import { useGet } from '@/api';
import type { ApplicationSource, ChartDetails, RevisionMetadata } from '@/api/schema';
import { Combobox, Field, Inert, Text, Time } from '@/components';
import { useContents, useRested } from '../parameters/use_repository';
import css from './sync.module.css';

export interface RevisionsProps {
  sources: readonly ApplicationSource[];
  revisions: readonly string[];
  onChange: (revisions: string[]) => void;
  application: { name: string; namespace: string; project: string };
  /** Why another revision than the own one cannot be synced to; "" where it can. */
  refusal: string;
}

export function Revisions({ sources, revisions, onChange, application, refusal }: RevisionsProps) {
  return (
    <div className={css['revisions']}>
      {sources.map((source, index) => (
        <Revision
          // biome-ignore lint/suspicious/noArrayIndexKey: a source has no other identity than its place.
          key={index}
          source={source}
          place={sources.length > 1 ? index : null}
          index={index}
          value={revisions[index] ?? ''}
          onChange={(value) => onChange(sources.map((_, at) => (at === index ? value : (revisions[at] ?? ''))))}
          application={application}
          refusal={refusal}
        />
      ))}
    </div>
  );
}

interface RevisionProps {
  source: ApplicationSource;
  place: number | null;
  index: number;
  value: string;
  onChange: (value: string) => void;
  application: RevisionsProps['application'];
  refusal: string;
}

function Revision({ source, place, index, value, onChange, application, refusal }: RevisionProps) {
  const target = source.targetRevision || 'HEAD';
  const isChart = Boolean(source.chart);
  const origin = source.repoURL?.startsWith('oci://') ? 'oci' : isChart ? 'helm' : 'git';
  const contents = useContents({
    url: source.repoURL ?? '',
    revision: '',
    project: application.project,
    application: application.name,
    origin,
  });
  const versions = contents.charts.find((chart) => chart.name === source.chart)?.versions ?? [];
  const options = [
    ...contents.branches.map((branch) => ({ value: branch, hint: 'branch' })),
    ...contents.tags.map((tag) => ({ value: tag, hint: 'tag' })),
    ...versions.map((version) => ({ value: version, hint: 'version' })),
  ];
  const name = source.name || source.ref || source.chart || source.path || source.repoURL || '';
  const label = place === null ? 'Revision' : `Revision of source ${place + 1} (${name})`;
  const isOther = value.trim() !== '' && value.trim() !== target;
  return (
    <div>
      <Field
        label={label}
        hint={
          contents.problem
            ? `The repository does not say what it has: ${contents.problem}`
            : `The application follows ${target}.`
        }
        error={isOther ? refusal : ''}
      >
        <Combobox value={value} options={options} placeholder={target} onChange={onChange} />
      </Field>
      {isChart ? (
        <Version application={application} index={index} revision={value.trim() || target} />
      ) : (
        <Commit application={application} index={index} revision={value.trim() || target} />
      )}
    </div>
  );
}

interface TellProps {
  application: RevisionsProps['application'];
  index: number;
  revision: string;
}

/** Author, time and message of what a revision is now. */
export function Commit({ application, index, revision }: TellProps) {
  const rested = useRested(revision);
  const { name, namespace, project } = application;
  const at = `/api/v1/applications/${encodeURIComponent(name)}/revisions/${encodeURIComponent(rested)}/metadata`;
  const found = useGet<RevisionMetadata>(
    rested ? at : null,
    { appNamespace: namespace, project, sourceIndex: index },
    { retry: false },
  );
  if (found.isError)
    return (
      <p className={css['unknown']}>
        <Text value={found.error.message} />
      </p>
    );
  if (!found.data) return <p className={css['commit']}>…</p>;
  const { author, date, message, tags } = found.data;
  return (
    <p className={css['commit']}>
      <Text value={(message ?? '').split('\n')[0] ?? ''} />
      <span className={css['by']}>
        <Text value={author ?? ''} /> {date && <Time at={date} />}{' '}
        {tags?.map((tag) => (
          <span key={tag} className={css['tag']}>
            <Inert text={tag} />
          </span>
        ))}
      </span>
    </p>
  );
}

function Version({ application, index, revision }: TellProps) {
  const rested = useRested(revision);
  const { name, namespace, project } = application;
  const at = `/api/v1/applications/${encodeURIComponent(name)}/revisions/${encodeURIComponent(rested)}/chartdetails`;
  const found = useGet<ChartDetails>(at, { appNamespace: namespace, project, sourceIndex: index }, { retry: false });
  if (found.isError) return <p className={css['unknown']}>{found.error.message}</p>;
  return (
    <p className={css['commit']}>
      <Text value={found.data?.description ?? ''} />
    </p>
  );
}
