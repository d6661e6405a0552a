/** A new ApplicationSet as YAML, with what it would make shown before it is made. */
import { useState } from 'react';
import { useCanAnywhere } from '@/api/can';
import { post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import type { PreviewSetAnswer } from '@/api/schema';
import { Button, Editor, toast } from '@/components';
import { Draft } from '@/kubernetes/draft';
import type { JsonObject } from '@/kubernetes/json';
import { useOwnSchema } from '@/kubernetes/schema/own';
import { useGo } from '@/routing';
import { worded } from '../create/soundness';
import { FormDialog } from '../settings/FormDialog';
import styles from './EditDialog.module.css';
import { type ApplicationSet, pagePath, SETS } from './model';
import { Preview } from './Preview';

const BEGUN = {
  metadata: { name: '' },
  spec: {
    goTemplate: true,
    goTemplateOptions: ['missingkey=error'],
    generators: [{ git: { repoURL: '', revision: 'HEAD', directories: [{ path: 'apps/*' }] } }],
    template: {
      metadata: { name: '{{.path.basename}}' },
      spec: {
        project: 'default',
        source: { repoURL: '', targetRevision: 'HEAD', path: '{{.path.path}}' },
        destination: { server: 'https://kubernetes.default.svc', namespace: '{{.path.basename}}' },
      },
    },
  },
};

export function NewSet() {
  const [isOpen, setOpen] = useState(false);
  const can = useCanAnywhere('applicationsets', 'create');
  return (
    <>
      <Button kind="primary" icon="add" refused={can.refusal} onClick={() => setOpen(true)}>
        New ApplicationSet
      </Button>
      {isOpen && <Making onClose={() => setOpen(false)} />}
    </>
  );
}

function Making({ onClose }: { readonly onClose: () => void }) {
  const [draft, setDraft] = useState(() => Draft.of(BEGUN));
  const schema = useOwnSchema('ApplicationSet');
  const go = useGo();
  const making = useSend((set: JsonObject) => post<ApplicationSet>(SETS, set), {
    invalidates: [SETS],
    onDone: ({ metadata }) => {
      toast.ok(`${metadata.name} is made`);
      go(pagePath(metadata.namespace ?? '', metadata.name));
    },
  });
  const preview = useSend((set: JsonObject) =>
    post<PreviewSetAnswer>('/api/v1/preview/applicationset', { applicationSet: set }),
  );
  const mine = () => draft.object() as JsonObject;
  const problem = problemOf(draft);
  return (
    <FormDialog
      wide
      title="New ApplicationSet"
      action="Make it"
      busy={making.isPending}
      refused={problem}
      refusal={making.error === null ? null : { field: null, words: worded(wordsOf(making.error)) }}
      extra={
        <Button refused={problem} busy={preview.isPending} onClick={() => preview.mutate(mine())}>
          Show what it would do
        </Button>
      }
      onSubmit={() => making.mutate(mine())}
      onClose={onClose}
    >
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

/** What is to be mended first, `''` for nothing. */
function problemOf(draft: Draft): string {
  if (draft.problem) return `Line ${draft.problem.line}: ${draft.problem.message}`;
  return draft.get(['metadata', 'name']) ? '' : 'Give it a name: metadata.name';
}
