/** One source as a form: where it is, which revision, and what its tool is told. The repository is read as one types. */

import { useQuery } from '@tanstack/react-query';
import { post } from '@/api';
import type { RepoAppDetailsResponse, Repository } from '@/api/schema';
import { Combobox, Field, FieldGroup, RadioGroup, Select, TextInput } from '@/components';
import { type Draft, isRecord, type Path } from '@/kubernetes/draft';
import { useOwnSchema } from '@/kubernetes/schema/own';
import { placeOf, worded } from '../../create/soundness';
import { Fields } from './Fields';
import { DIRECTORY_FIELDS, SOURCE_FIELDS } from './fields';
import { HelmForm } from './HelmForm';
import { KustomizeForm } from './KustomizeForm';
import { PluginForm } from './PluginForm';
import css from './parameters.module.css';
import { hasMany, namedTool, type Origin, originOf, TOOLS, type Tool, withTool } from './source';
import { type Contents, declaredType, useContents, useRested } from './use_repository';

export interface SourceFormProps {
  draft: Draft;
  path: Path;
  onChange: (draft: Draft) => void;
  repositories: readonly Repository[];
  application: { name: string; project: string };
  /** The details of an application that is there are read by its index; a new one has none. */
  index: number;
  errorAt: (path: Path) => string;
}

const ORIGINS: readonly { value: Origin; label: string }[] = [
  { value: 'git', label: 'Git' },
  { value: 'helm', label: 'Helm repository' },
  { value: 'oci', label: 'OCI registry' },
];

export function SourceForm(props: SourceFormProps) {
  const { draft, path, onChange, repositories, application, index, errorAt } = props;
  const url = draft.string([...path, 'repoURL']);
  const origin = originOf(draft, path, declaredType(repositories, url));
  const revision = draft.string([...path, 'targetRevision']);
  const contents = useContents({
    url,
    revision,
    chart: draft.string([...path, 'chart']),
    project: application.project,
    application: application.name,
    origin,
  });
  const set = (field: string, value: string) => onChange(draft.exactly([...path, field], value));
  const details = useDetails(draft, path, application, index);
  const told = details.error?.message ?? '';
  const place = told ? placeOf(told, draft).at(-1) : undefined;
  const errorOf = (field: string) => errorAt([...path, field]) || (place === field ? worded(told) : '');
  const offered = repositories.map((one) => ({ value: one.repo ?? '', hint: one.name || one.type || 'git' }));
  return (
    <div className={css['source']}>
      <Field label="Repository" required error={errorOf('repoURL') || contents.problem}>
        <Combobox
          value={url}
          options={offered}
          placeholder="https://git.example.com/team/config.git"
          onChange={(value) => set('repoURL', value)}
        />
      </Field>
      {!url.startsWith('oci://') && (
        <RadioGroup
          legend="Kind of repository"
          joined
          hideLegend
          value={origin}
          options={ORIGINS}
          onChange={(value) => onChange(withOrigin(draft, path, value as Origin))}
        />
      )}
      <div className={css['pair']}>
        <Place {...props} origin={origin} contents={contents} errorOf={errorOf} />
        <Field
          label={origin === 'git' ? 'Revision' : 'Version'}
          hint={revisionHint(origin)}
          error={errorOf('targetRevision')}
        >
          <Combobox
            value={revision}
            options={revisionsOf(draft, path, origin, contents)}
            placeholder={origin === 'git' ? 'HEAD' : ''}
            onChange={(value) => set('targetRevision', value)}
          />
        </Field>
      </div>
      {hasMany(draft) && (
        <div className={css['pair']}>
          <Field label="Name" hint="Handles it on the command line." error={errorAt([...path, 'name'])}>
            <TextInput
              value={draft.string([...path, 'name'])}
              onChange={(value) => onChange(draft.with([...path, 'name'], value, path.length))}
            />
          </Field>
          <Field
            label="Reference"
            hint="Other sources' value files reach it as $reference/."
            error={errorAt([...path, 'ref'])}
          >
            <TextInput
              value={draft.string([...path, 'ref'])}
              onChange={(value) => onChange(draft.with([...path, 'ref'], value, path.length))}
            />
          </Field>
        </div>
      )}
      {origin === 'git' && (
        <details className={css['more']} open={draft.string([...path, 'tagPrefix']) !== ''}>
          <summary>More of the source</summary>
          <Fields fields={SOURCE_FIELDS} draft={draft} base={path} onChange={onChange} errorAt={errorAt} />
        </details>
      )}
      <ToolForm {...props} details={details.data} problem={PLACED.has(place ?? '') ? '' : worded(told)} />
    </div>
  );
}

interface PlaceProps extends SourceFormProps {
  origin: Origin;
  contents: Contents;
  errorOf: (field: string) => string;
}

function Place({ draft, path, onChange, origin, contents, errorOf }: PlaceProps) {
  const isChart = origin === 'helm' || draft.get([...path, 'chart']) !== undefined;
  const field = isChart ? 'chart' : 'path';
  const options = isChart
    ? contents.charts.map((chart) => ({ value: chart.name ?? '' }))
    : contents.paths.map((one) => ({ value: one.path ?? '', hint: one.type ?? '' }));
  return (
    <Field
      label={isChart ? 'Chart' : 'Path'}
      hint={
        contents.isLoading ? 'Reading the repository…' : origin === 'git' ? pathHint(draft, path, contents) : undefined
      }
      required
      error={errorOf(field)}
    >
      <Combobox
        value={draft.string([...path, field])}
        options={options}
        placeholder={isChart ? '' : 'apps/web'}
        onChange={(value) => onChange(draft.exactly([...path, field], value))}
      />
    </Field>
  );
}

/** What is offered are folders that a tool knows; any other is as good. */
function pathHint(draft: Draft, path: Path, contents: Contents): string | undefined {
  if (!draft.string([...path, 'repoURL']) || contents.problem) return undefined;
  return contents.paths.length === 0 ? 'Any folder with manifests; no chart or kustomization was found.' : undefined;
}

function revisionHint(origin: Origin): string {
  return origin === 'git' ? 'A branch, a tag or a commit.' : 'A version, or a range such as 1.*';
}

function revisionsOf(draft: Draft, path: Path, origin: Origin, contents: Contents) {
  if (origin === 'helm') {
    const chart = contents.charts.find((one) => one.name === draft.string([...path, 'chart']));
    return (chart?.versions ?? []).map((version) => ({ value: version }));
  }
  return [
    ...(origin === 'git' ? [{ value: 'HEAD', hint: 'the default branch' }] : []),
    ...contents.branches.map((branch) => ({ value: branch, hint: 'branch' })),
    ...contents.tags.map((tag) => ({ value: tag, hint: 'tag' })),
  ];
}

/** A chart has no path and a path no chart; the version of the one means nothing to the other. */
export function withOrigin(draft: Draft, path: Path, origin: Origin): Draft {
  const keep = path.length;
  if (origin === 'helm') {
    return draft
      .with([...path, 'path'], undefined, keep)
      .exactly([...path, 'chart'], '')
      .exactly([...path, 'targetRevision'], '');
  }
  const url = draft.string([...path, 'repoURL']);
  const rest = draft.with([...path, 'chart'], undefined, keep).exactly([...path, 'path'], origin === 'oci' ? '.' : '');
  const named = rest.exactly([...path, 'targetRevision'], origin === 'git' ? 'HEAD' : '');
  if (origin === 'oci') return named.exactly([...path, 'repoURL'], `oci://${url.replace(/^[a-z+]+:\/\//, '')}`);
  return named.exactly([...path, 'repoURL'], url.replace(/^oci:\/\//, ''));
}

interface ToolProps extends SourceFormProps {
  details: RepoAppDetailsResponse | undefined;
  /** Why it is not known what the source consists of, where no field says it. */
  problem: string;
}

/** Fields that show what the repository says of them. */
const PLACED = new Set<unknown>(['path', 'chart', 'repoURL', 'targetRevision']);

function ToolForm({ draft, path, onChange, details, problem, errorAt, application }: ToolProps) {
  const schema = useOwnSchema('Application');
  const named = namedTool(draft, path);
  const tool = named ?? toolOf(details?.type);
  const options = [
    { value: '', label: details?.type ? `Found out: ${details.type}` : 'Found out' },
    ...Object.keys(TOOLS).map((one) => ({ value: one, label: one })),
  ];
  const props = { draft, path, onChange, details, errorAt, application, schema };
  return (
    <FieldGroup title="Tool">
      <Field label="Tool" hideLabel error={problem || errorAt(path)}>
        <Select
          value={named ?? ''}
          options={options}
          onChange={(value) => onChange(withTool(draft, path, value === '' ? null : (value as Tool)))}
        />
      </Field>
      {tool === 'Helm' && <HelmForm {...props} />}
      {tool === 'Kustomize' && <KustomizeForm {...props} />}
      {tool === 'Plugin' && <PluginForm {...props} />}
      {tool === 'Directory' && (
        <Fields
          fields={DIRECTORY_FIELDS}
          draft={draft}
          base={[...path, 'directory']}
          keep={path.length}
          schema={schema}
          onChange={onChange}
          errorAt={errorAt}
        />
      )}
    </FieldGroup>
  );
}

function toolOf(type: string | undefined): Tool | null {
  return type !== undefined && type in TOOLS ? (type as Tool) : null;
}

/** What the source consists of: its tool, values, parameters and images. */
function useDetails(draft: Draft, path: Path, application: { name: string; project: string }, index: number) {
  const source = draft.get(path);
  const asked = useRested(JSON.stringify(isRecord(source) ? describing(source) : null));
  const isWhole = /"repoURL":"[^"]/.test(asked) && /"(path|chart)":"[^"]/.test(asked);
  return useQuery<RepoAppDetailsResponse>({
    queryKey: ['appdetails', asked, application.name, application.project, index],
    enabled: isWhole,
    retry: false,
    staleTime: 30_000,
    placeholderData: (last) => last,
    queryFn: ({ signal }) => {
      const wanted = JSON.parse(asked) as { repoURL: string };
      const at = `/api/v1/repositories/${encodeURIComponent(wanted.repoURL)}/appdetails`;
      return post<RepoAppDetailsResponse>(
        at,
        { source: wanted, appName: application.name, appProject: application.project, sourceIndex: index },
        undefined,
        { signal },
      );
    },
  });
}

/** The part of a source that says what it consists of: overrides change nothing of that. */
function describing(source: Record<string, unknown>): Record<string, unknown> {
  const { repoURL, path, chart, targetRevision, plugin, helm } = source;
  const files = isRecord(helm) ? { helm: { valueFiles: helm['valueFiles'] ?? [] } } : {};
  return {
    repoURL,
    path,
    chart,
    targetRevision,
    ...(isRecord(plugin) ? { plugin: { name: plugin['name'] ?? '' } } : {}),
    ...files,
  };
}
