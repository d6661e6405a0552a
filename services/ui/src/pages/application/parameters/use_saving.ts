/** An application as a draft that is being edited, and how it is saved. */
import { useState } from 'react';
import { put, useSend } from '@/api';
import type { Application } from '@/api/schema';
import { toast } from '@/components';
import { Draft } from '@/kubernetes/draft';
import { namedOf, pathOf } from '../sync/named';

/** What a person may write of an application; the rest is the server's. */
export function editable(application: Application): Record<string, unknown> {
  const { name, namespace, labels, annotations, finalizers } = application.metadata ?? {};
  const metadata = { name, namespace, labels, annotations, finalizers };
  const filled = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: filled, spec: application.spec ?? {} };
}

export function useSaving(application: Application) {
  const told = Draft.of(editable(application)).text;
  const [begun, setBegun] = useState(told);
  const [draft, setDraft] = useState(() => Draft.parse(told));
  const isChanged = draft.text !== begun;
  const saving = useSend(
    (wanted: Draft) =>
      put<Application>(
        pathOf(application),
        {
          ...wanted.object(),
          metadata: {
            ...wanted.map(['metadata']),
            name: namedOf(application).name,
            namespace: namedOf(application).namespace,
          },
        },
        { project: namedOf(application).project, validate: true },
      ),
    {
      invalidates: [pathOf(application)],
      onDone: (answer) => {
        start(answer);
        toast.ok(`${namedOf(application).name} is saved.`);
      },
    },
  );
  const start = (from: Application) => {
    const text = Draft.of(editable(from)).text;
    setBegun(text);
    setDraft(Draft.parse(text));
  };
  if (!isChanged && begun !== told) start(application);
  return {
    draft,
    setDraft,
    isChanged,
    /** Somebody else changed the application since the draft was begun. */
    isOvertaken: isChanged && begun !== told,
    reset: () => {
      saving.reset();
      start(application);
    },
    save: () => saving.mutate(draft),
    isSaving: saving.isPending,
    error: saving.error,
  };
}
