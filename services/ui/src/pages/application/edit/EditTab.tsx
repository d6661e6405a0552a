/** The other fields of an application as a form, and the whole of it as YAML, in step. */
import { FieldGroup, RadioGroup } from '@/components';
import { Editor } from '@/components/code';
import type { Path } from '@/kubernetes/draft';
import { useOwnSchema } from '@/kubernetes/schema/own';
import { useFields } from '@/routing';
import { problemsOf, toldOf, worded, wordsAt } from '../../create/soundness';
import { Fields } from '../parameters/Fields';
import { HYDRATOR_FIELDS, SPEC_FIELDS } from '../parameters/fields';
import css from '../parameters/parameters.module.css';
import { Saving } from '../parameters/Saving';
import { useChange } from '../parameters/use_change';
import { useSaving } from '../parameters/use_saving';
import type { SlotProps } from '../slots';
import { DestinationForm } from './DestinationForm';
import { PolicyForm } from './PolicyForm';

export function EditTab({ application }: SlotProps) {
  const saving = useSaving(application);
  const schema = useOwnSchema('Application');
  const { draft, setDraft } = saving;
  const [fields, go] = useFields();
  const view = fields.get('edit') === 'yaml' ? 'yaml' : 'form';
  const problems = problemsOf(draft);
  const change = useChange(saving, problems);
  const { refused, place } = change;
  const errorAt = (path: Path) =>
    wordsAt(problems, path) || (place.length > 0 && place.join('/') === path.join('/') ? worded(refused) : '');
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
          onChange={(value) => {
            go({ edit: value === 'yaml' ? 'yaml' : null }, { replace: true });
            setDraft(draft.forgetful());
          }}
        />
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
          <FieldGroup title="Where it deploys to">
            <DestinationForm draft={draft} onChange={setDraft} errorAt={errorAt} />
          </FieldGroup>
          <PolicyForm draft={draft} onChange={setDraft} />
          <FieldGroup title="More">
            <Fields
              fields={[...SPEC_FIELDS, ...HYDRATOR_FIELDS]}
              draft={draft}
              base={[]}
              keep={1}
              schema={schema}
              onChange={setDraft}
              errorAt={errorAt}
            />
          </FieldGroup>
        </>
      )}
      <Saving saving={saving} change={change} application={application} problems={problems} />
    </div>
  );
}
