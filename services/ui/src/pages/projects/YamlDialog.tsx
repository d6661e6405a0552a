/** The specification of a project as YAML, completed and checked as one types. */
import { useState } from 'react';
import { Editor } from '@/components';
import { Draft } from '@/kubernetes/draft';
import { partOf, useOwnSchema } from '@/kubernetes/schema/own';
import { placeOf, worded } from '../create/soundness';
import { FormDialog } from '../settings/FormDialog';
import type { Change, Project, ProjectSpec } from './model';
import styles from './Project.module.css';
import type { Saving } from './saving';

interface Props {
  readonly project: Project;
  readonly saving: Saving;
  readonly onClose: () => void;
}

export function YamlDialog({ project, saving, onClose }: Props) {
  const [draft, setDraft] = useState(() => Draft.of(project.spec));
  const schema = partOf(useOwnSchema('AppProject'), ['spec']);
  const place = saving.words ? placeOf(saving.words, draft).slice(1) : [];
  const problem = draft.problem ? `Line ${draft.problem.line}: ${draft.problem.message}` : '';
  return (
    <FormDialog
      wide
      title={`${project.metadata.name} as YAML`}
      action="Save"
      busy={saving.busy}
      refused={problem}
      refusal={saving.words ? { field: null, words: worded(saving.words) } : null}
      onSubmit={() => saving.save(changeOf(project.spec, draft.object() as ProjectSpec), onClose, project)}
      onClose={onClose}
    >
      <div className={styles['yaml']}>
        <Editor
          label="The project as YAML"
          value={draft.text}
          schema={schema}
          told={place.length > 0 ? [{ path: place, words: worded(saving.words) }] : []}
          onChange={(text) => setDraft(draft.typed(text))}
        />
      </div>
      {problem && <p role="alert">{problem}</p>}
    </FormDialog>
  );
}

/** What is not in the text any more is to be absent. */
export function changeOf(before: ProjectSpec, after: ProjectSpec): Change {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return { ...Object.fromEntries(gone.map((key) => [key, undefined])), ...after };
}
