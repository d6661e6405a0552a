/** The specification of a set as YAML, completed and checked, and what saving it would do. */
import { useState } from 'react';
import { post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import type { PreviewSetAnswer } from '@/api/schema';
import { Button, Editor, Overtaken, toast } from '@/components';
import { Draft } from '@/kubernetes/draft';
import type { JsonObject } from '@/kubernetes/json';
import { OvertakenFieldsError } from '@/kubernetes/overtaken';
import { partOf, useOwnSchema } from '@/kubernetes/schema/own';
import { worded } from '../create/soundness';
import { FormDialog } from '../settings/FormDialog';
import styles from './EditDialog.module.css';
import { type ApplicationSet, SETS } from './model';
import { Preview } from './Preview';
import { documentOf, specOf, written } from './saving';

export function EditDialog({ set, onClose }: { readonly set: ApplicationSet; readonly onClose: () => void }) {
  const [base, setBase] = useState(set);
  const [draft, setDraft] = useState(() => Draft.of(specOf(set)));
  const schema = partOf(useOwnSchema('ApplicationSet'), ['spec']);
  const saving = useSend(written, {
    invalidates: [SETS],
    onDone: () => {
      toast.ok(`${set.metadata.name} is saved`);
      onClose();
    },
  });
  const preview = useSend((spec: JsonObject) =>
    post<PreviewSetAnswer>('/api/v1/preview/applicationset', { applicationSet: documentOf(set, spec) }),
  );
  const problem = draft.problem ? `Line ${draft.problem.line}: ${draft.problem.message}` : '';
  const mine = () => draft.object() as JsonObject;
  const overtaking = saving.error instanceof OvertakenFieldsError ? saving.error : null;
  const refusal = overtaking === null && saving.error !== null ? worded(wordsOf(saving.error)) : '';
  const takeTheirs = () => {
    setBase(set);
    setDraft(Draft.of(specOf(set)));
    saving.reset();
  };
  return (
    <FormDialog
      wide
      title={`${set.metadata.name} as YAML`}
      action="Save"
      busy={saving.isPending}
      refused={problem}
      refusal={refusal ? { field: null, words: refusal } : null}
      extra={
        <Button refused={problem} busy={preview.isPending} onClick={() => preview.mutate(mine())}>
          Show what it would do
        </Button>
      }
      onSubmit={() => saving.mutate({ base, spec: mine(), goesOver: false })}
      onClose={onClose}
    >
      {overtaking && (
        <Overtaken
          what={`The ApplicationSet ${set.metadata.name}`}
          who=""
          differences={overtaking.differences}
          onKeep={() => saving.mutate({ base, spec: mine(), goesOver: true })}
          onTake={takeTheirs}
        />
      )}
      <div className={styles['yaml']}>
        <Editor
          label="The ApplicationSet as YAML"
          value={draft.text}
          schema={schema}
          onChange={(text) => {
            setDraft(draft.typed(text));
            preview.reset();
          }}
        />
      </div>
      {problem && <p role="alert">{problem}</p>}
      {preview.error !== null && <p role="alert">{worded(wordsOf(preview.error))}</p>}
      {preview.data && <Preview preview={preview.data} />}
    </FormDialog>
  );
}
