/** The signature policies of a project as a form: for which repositories, how much of a history, by whose keys. */
import { useState } from 'react';
import { useGet } from '@/api/query';
import { Button, Field, FieldGroup, Select } from '@/components';
import { inert } from '@/text/inert';
import styles from '../../settings/Card.module.css';
import { FormDialog } from '../../settings/FormDialog';
import { RowsEditor } from '../../settings/RowsEditor';
import { rowsOfTexts } from '../../settings/rows';
import type { Project } from '../model';
import type { Saving } from '../saving';
import {
  EMPTY,
  formsOf,
  integrityOf,
  type Known,
  MODES,
  type Mode,
  type PolicyForm,
  problemsOf,
  unknownKeys,
} from './policies';

interface Props {
  readonly project: Project;
  readonly saving: Saving;
  readonly onClose: () => void;
}

export function IntegrityDialog({ project, saving, onClose }: Props) {
  const [forms, setForms] = useState<readonly PolicyForm[]>(() => formsOf(project.spec));
  const { data } = useGet<{ items?: readonly Known[] | null }>('/api/v1/gpgkeys');
  const known = data === undefined ? null : (data.items ?? []);
  const problems = forms.map((form, at) => problemsOf(form, forms.toSpliced(at, 1)));
  const wrong = problems.flatMap((one) => Object.values(one))[0] ?? '';
  const set = (at: number, form: PolicyForm) => setForms(forms.with(at, form));
  return (
    <FormDialog
      wide
      title="Signature policies"
      action="Save"
      busy={saving.busy}
      refused={wrong}
      refusal={saving.words ? { field: null, words: saving.words } : null}
      onSubmit={() => saving.save({ sourceIntegrity: integrityOf(forms) }, onClose, project)}
      onClose={onClose}
    >
      <p>
        Exactly one policy may be for a repository. Charts of Helm repositories have no commits and are under none;
        artifacts are under a policy that names keys of cosign.
      </p>
      {forms.map((form, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: policies have no names, and what is typed lives in them
        <FieldGroup key={at} title={`Policy ${at + 1}`}>
          <PolicyFields
            form={form}
            problems={problems[at] ?? {}}
            known={known}
            onChange={(next) => set(at, next)}
            onRemove={() => setForms(forms.toSpliced(at, 1))}
          />
        </FieldGroup>
      ))}
      <div className={styles.actions}>
        <Button icon="add" onClick={() => setForms([...forms, EMPTY])}>
          Add policy
        </Button>
      </div>
    </FormDialog>
  );
}

interface FieldsProps {
  readonly form: PolicyForm;
  readonly problems: { readonly repos?: string; readonly keys?: string };
  /** The keys that the server has; null while they are not known. */
  readonly known: readonly Known[] | null;
  readonly onChange: (form: PolicyForm) => void;
  readonly onRemove: () => void;
}

function PolicyFields({ form, problems, known, onChange, onRemove }: FieldsProps) {
  const absent = known === null ? [] : unknownKeys(form, known);
  return (
    <>
      <h3>Repositories</h3>
      <RowsEditor
        noun="repository"
        columns={[
          { key: 'url', label: 'Address', placeholder: 'https://git.example.com/team/*, or !… to take one out' },
        ]}
        rows={rowsOfTexts(form.repos, 'url')}
        onChange={(rows) => onChange({ ...form, repos: rows.map((row) => row['url'] ?? '') })}
      />
      <Words words={problems.repos} />
      <Field label="What must be signed" hint={MODES.find(({ value }) => value === form.mode)?.words}>
        <Select value={form.mode} options={MODES} onChange={(mode) => onChange({ ...form, mode: mode as Mode })} />
      </Field>
      <h3>Keys</h3>
      <RowsEditor
        noun="key"
        columns={[
          {
            key: 'key',
            label: 'Key',
            placeholder: '4AEE18F83AFDEB23, ssh.name, cosign.name',
            suggestions: (known ?? []).map(({ keyID }) => keyID),
          },
        ]}
        rows={rowsOfTexts(form.keys, 'key')}
        onChange={(rows) => onChange({ ...form, keys: rows.map((row) => row['key'] ?? '') })}
      />
      <Words words={problems.keys} />
      {absent.length > 0 && (
        <p className={styles.words}>
          {`The server has no ${absent.map(inert).join(', ')}: nothing counts as signed by it until the key is added. Subkeys are known by their own id.`}
        </p>
      )}
      <div className={styles.actions}>
        <Button icon="trash" onClick={onRemove}>
          Remove this policy
        </Button>
      </div>
    </>
  );
}

function Words({ words }: { words: string | undefined }) {
  return words ? <p role="alert">{words}</p> : null;
}
