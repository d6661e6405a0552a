/** A new application: a form and its YAML side by side and in step, and what it would make, before it is made. */
import { useState } from 'react';
import { post, useSend } from '@/api';
import { type Can, useCan, useCanAnywhere } from '@/api/can';
import type { Application } from '@/api/schema';
import { Button, Field, FieldGroup, Page, RadioGroup, Tabs, TextInput, toast } from '@/components';
import { Editor } from '@/components/code';
import type { Path } from '@/kubernetes/draft';
import { useOwnSchema } from '@/kubernetes/schema/own';
import { applicationPath, useFields, useGo } from '@/routing';
import { useSettings } from '@/shell/settings';
import { DestinationForm } from '../application/edit/DestinationForm';
import { PolicyForm } from '../application/edit/PolicyForm';
import { Fields } from '../application/parameters/Fields';
import { HYDRATOR_FIELDS, SPEC_FIELDS } from '../application/parameters/fields';
import { SourceForm } from '../application/parameters/SourceForm';
import {
  hasMany,
  sourcePaths,
  titleOfSource,
  withAnotherSource,
  withoutSource,
} from '../application/parameters/source';
import { usePreview } from '../application/parameters/use_preview';
import { useRepositories } from '../application/parameters/use_repository';
import { Notice } from '../application/sync/Notice';
import css from './create.module.css';
import { draftOf } from './link';
import { MadePreview } from './MadePreview';
import { placeOf, problemsOf, toldOf, worded, wordsAt } from './soundness';

export function CreatePage() {
  const [fields] = useFields();
  const go = useGo();
  const [draft, setDraft] = useState(() => draftOf(fields.get('new')));
  const [begun] = useState(draft.text);
  const [side, setSide] = useState('preview');
  const [isTried, setTried] = useState(false);
  const repositories = useRepositories();
  const schema = useOwnSchema('Application');
  const problems = problemsOf(draft);
  const isSound = draft.problem === null && problems.length === 0;
  const previewed = usePreview(draft, isSound);
  const may = useMayCreate(isSound ? draft : null);
  const creating = useSend(
    (wanted: Record<string, unknown>) => post<Application>('/api/v1/applications', wanted, { validate: true }),
    {
      invalidates: ['/api/v1/search/applications', '/api/v1/applications'],
      onDone: (made) => {
        toast.ok(`${made.metadata?.name ?? ''} is there.`);
        go(applicationPath(made.metadata?.namespace ?? '', made.metadata?.name ?? ''));
      },
    },
  );
  const refused = creating.error?.message ?? previewed.error?.message ?? '';
  const place = refused ? placeOf(refused, draft) : [];
  const errorAt = (path: Path) => {
    const own = wordsAt(problems, path);
    if (own && (isTried || isTyped(draft.get(path), path))) return own;
    return place.length > 0 && place.join('/') === path.join('/') ? worded(refused) : '';
  };
  const told = toldOf(
    isTried ? problems : problems.filter(({ path }) => isTyped(draft.get(path), path)),
    place,
    refused,
  );
  const create = () => {
    setTried(true);
    if (isSound) creating.mutate(draft.object());
  };
  const actions = (
    <>
      <Button onClick={() => go('/applications')}>Cancel</Button>
      <Button
        kind="primary"
        busy={creating.isPending}
        refused={draft.problem ? 'The YAML cannot be read.' : may.refusal}
        onClick={create}
      >
        Create
      </Button>
    </>
  );
  return (
    <Page title="New application" breadcrumbs={[{ label: 'Applications', to: '/applications' }]} actions={actions}>
      <div className={css['told']}>
        {creating.error && <Notice tone="bad" title={worded(creating.error.message)} />}
        {isTried && problems.length > 0 && (
          <Notice tone="bad" title={`Not yet: ${problems.map((one) => one.words).join(' ')}`} />
        )}
      </div>
      <div className={css['columns']}>
        <div className={css['form']}>
          {draft.problem && (
            <Notice tone="warn" title={`The form waits: line ${draft.problem.line} of the YAML cannot be read.`} />
          )}
          <fieldset className={css['whole']} disabled={draft.problem !== null} aria-label="The application as a form">
            <Form draft={draft} setDraft={setDraft} repositories={repositories} schema={schema} errorAt={errorAt} />
          </fieldset>
        </div>
        <div className={css['side']}>
          <RadioGroup
            legend="Beside the form"
            joined
            hideLegend
            value={side}
            options={[
              { value: 'preview', label: 'What it would make' },
              { value: 'yaml', label: 'YAML' },
            ]}
            onChange={setSide}
          />
          {side === 'yaml' ? (
            <>
              <div className={css['editor']}>
                <Editor
                  label="The application as YAML"
                  value={draft.text}
                  schema={schema}
                  told={told}
                  onChange={(text) => setDraft(draft.typed(text))}
                />
              </div>
              {draft.problem && <Notice tone="bad" title={`Line ${draft.problem.line}: ${draft.problem.message}`} />}
            </>
          ) : (
            <MadePreview
              previewed={previewed}
              isSound={isSound}
              isBegun={draft.text !== begun}
              placed={place.length > 0}
              problems={problems}
            />
          )}
        </div>
      </div>
    </Page>
  );
}

/** Whether the reader may make the application that is typed; until one can be named, whether they may make any. */
function useMayCreate(draft: ReturnType<typeof draftOf> | null): Can {
  const { controllerNamespace } = useSettings();
  const anywhere = useCanAnywhere('applications', 'create');
  const name = draft?.string(['metadata', 'name']);
  const namespace = draft?.string(['metadata', 'namespace']);
  const isOutside = namespace && controllerNamespace && namespace !== controllerNamespace;
  const project = draft?.string(['spec', 'project']) || 'default';
  const object = name ? `${project}/${isOutside ? `${namespace}/` : ''}${name}` : null;
  const that = useCan('applications', 'create', object);
  return object === null ? anywhere : that;
}

/** What nobody touched yet is not called wrong. */
function isTyped(value: unknown, path: Path): boolean {
  return value !== undefined && value !== '' && value !== null && path[1] !== 'destination';
}

interface FormProps {
  draft: ReturnType<typeof draftOf>;
  setDraft: (draft: ReturnType<typeof draftOf>) => void;
  repositories: ReturnType<typeof useRepositories>;
  schema: ReturnType<typeof useOwnSchema>;
  errorAt: (path: Path) => string;
}

function Form({ draft, setDraft, repositories, schema, errorAt }: FormProps) {
  const [at, setAt] = useState(0);
  const paths = sourcePaths(draft);
  const index = Math.min(at, paths.length - 1);
  const path = paths[index] ?? ['spec', 'source'];
  const application = {
    name: draft.string(['metadata', 'name']),
    project: draft.string(['spec', 'project']) || 'default',
  };
  return (
    <>
      <Field label="Name" required error={errorAt(['metadata', 'name'])}>
        <TextInput
          value={application.name}
          onChange={(value) => setDraft(draft.exactly(['metadata', 'name'], value))}
        />
      </Field>
      <DestinationForm draft={draft} onChange={setDraft} errorAt={errorAt} />
      <FieldGroup title={paths.length > 1 ? 'Sources' : 'Source'}>
        {paths.length > 1 && (
          <Tabs
            label="Sources"
            tabs={paths.map((one, number) => ({ id: String(number), label: titleOfSource(draft, one) }))}
            selected={String(index)}
            onSelect={(id) => setAt(Number(id))}
          />
        )}
        <SourceForm
          key={index}
          draft={draft}
          path={path}
          onChange={setDraft}
          repositories={repositories}
          application={application}
          index={index}
          errorAt={errorAt}
        />
        <div className={css['acts']}>
          <Button small icon="add" onClick={() => setDraft(withAnotherSource(draft))}>
            Add a source
          </Button>
          {hasMany(draft) && (
            <Button small icon="trash" onClick={() => setDraft(withoutSource(draft, index))}>
              Remove this source
            </Button>
          )}
        </div>
      </FieldGroup>
      <PolicyForm draft={draft} onChange={setDraft} />
      <details>
        <summary>More</summary>
        <Field
          label="Namespace of the Application itself"
          hint="That of the control plane when empty."
          error={errorAt(['metadata', 'namespace'])}
        >
          <TextInput
            value={draft.string(['metadata', 'namespace'])}
            onChange={(value) => setDraft(draft.with(['metadata', 'namespace'], value))}
          />
        </Field>
        <Fields
          fields={[...SPEC_FIELDS, ...HYDRATOR_FIELDS]}
          draft={draft}
          base={[]}
          keep={1}
          schema={schema}
          onChange={setDraft}
          errorAt={errorAt}
        />
      </details>
    </>
  );
}
