/** What the sources of an application are told, as forms and as YAML in step, with what a change would deploy. */
import { useState } from 'react';
import { Button, RadioGroup, Tabs } from '@/components';
import { Editor } from '@/components/code';
import type { Path } from '@/kubernetes/draft';
import { useOwnSchema } from '@/kubernetes/schema/own';
import { problemsOf, toldOf, worded, wordsAt } from '../../create/soundness';
import type { SlotProps } from '../slots';
import css from './parameters.module.css';
import { Saving } from './Saving';
import { SourceForm } from './SourceForm';
import { hasMany, sourcePaths, titleOfSource, withAnotherSource, withoutSource } from './source';
import { useChange } from './use_change';
import { useRepositories } from './use_repository';
import { useSaving } from './use_saving';

export function ParametersTab({ application }: SlotProps) {
  const saving = useSaving(application);
  const schema = useOwnSchema('Application');
  const { draft, setDraft } = saving;
  const [view, setView] = useState('form');
  const [at, setAt] = useState(0);
  const repositories = useRepositories();
  const paths = sourcePaths(draft);
  const index = Math.min(at, paths.length - 1);
  const path = paths[index] ?? ['spec', 'source'];
  const problems = problemsOf(draft);
  const change = useChange(saving, problems);
  const { refused, place } = change;
  const errorAt = (wanted: Path) =>
    wordsAt(saving.isChanged ? problems : [], wanted) ||
    (place.length > 0 && wanted.join('/') === place.join('/') ? worded(refused) : '');
  const named = { name: draft.string(['metadata', 'name']), project: draft.string(['spec', 'project']) || 'default' };
  return (
    <div className={css['tab']}>
      <div className={css['bar']}>
        <RadioGroup
          legend="Edit as"
          joined
          hideLegend
          value={view}
          options={[
            { value: 'form', label: 'Form' },
            { value: 'yaml', label: 'YAML' },
          ]}
          onChange={(next) => {
            setView(next);
            setDraft(draft.forgetful());
          }}
        />
        <Button small icon="add" onClick={() => setDraft(withAnotherSource(draft))}>
          Add a source
        </Button>
        {hasMany(draft) && (
          <Button small icon="trash" onClick={() => setDraft(withoutSource(draft, index))}>
            Remove this source
          </Button>
        )}
      </div>
      {view === 'yaml' ? (
        <div className={css['editor']}>
          <Editor
            label="The application as YAML"
            value={draft.text}
            schema={schema}
            told={toldOf(problems, place, refused)}
            onChange={(text) => setDraft(draft.typed(text))}
          />
        </div>
      ) : (
        <>
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
            application={named}
            index={index}
            errorAt={errorAt}
          />
        </>
      )}
      <Saving saving={saving} change={change} application={application} problems={problems} />
    </div>
  );
}
