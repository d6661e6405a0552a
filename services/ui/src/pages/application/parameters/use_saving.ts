/** An application as a draft that is being edited, what others make of it meanwhile, and how it is saved. */
import { useState } from 'react';
import { useSend } from '@/api';
import type { Application } from '@/api/schema';
import { toast } from '@/components';
import { Draft } from '@/kubernetes/draft';
import type { Difference } from '@/kubernetes/merge';
import { namedOf, pathOf } from '../sync/named';
import { useWho } from './use_who';
import { differences, type Editable, editable, isSame, OvertakenError, onTop, versionOf, written } from './written';

/** What an edit began with. */
interface Base {
  readonly document: Editable;
  readonly text: string;
  readonly version: string;
}

function baseOf(application: Application): Base {
  const document = editable(application);
  return { document, text: Draft.of(document).text, version: versionOf(application) };
}

export interface Overtaking {
  readonly who: string;
  readonly differences: readonly Difference[];
  /** Mine on top of theirs: to be looked at and saved. */
  readonly keep: () => void;
  readonly take: () => void;
}

export function useSaving(application: Application) {
  const [base, setBase] = useState(() => baseOf(application));
  const [draft, setDraft] = useState(() => Draft.parse(base.text));
  const [found, setFound] = useState<Application | null>(null);
  const isChanged = draft.text !== base.text || draft.unread.size > 0;
  const begin = (from: Application) => {
    const next = baseOf(from);
    setBase(next);
    setDraft(Draft.parse(next.text));
    setFound(from);
  };
  const saving = useSend((wanted: Draft) => written(base.document, wanted, application), {
    invalidates: [pathOf(application)],
    onDone: (answer) => {
      begin(answer);
      toast.ok(`${namedOf(application).name} is saved.`);
    },
  });
  const theirs = newest(application, found);
  const isOther = !isSame(editable(theirs), base.document);
  if (isOther && !isChanged && !saving.isPending) begin(theirs);
  const isOvertaken = isOther && isChanged && !saving.isPending;
  const who = useWho(isOvertaken ? `${pathOf(application)}/events` : null, base.version, namedOf(application));
  const overtaking: Overtaking | null = isOvertaken
    ? {
        who,
        differences: differences(base.document, draft.object(), editable(theirs)),
        keep: () => {
          setDraft(onTop(base.document, draft, editable(theirs)));
          setBase(baseOf(theirs));
          saving.reset();
        },
        take: () => {
          saving.reset();
          begin(theirs);
        },
      }
    : null;
  const isStale = saving.error instanceof OvertakenError;
  return {
    draft,
    setDraft,
    isChanged,
    overtaking,
    reset: () => {
      saving.reset();
      begin(theirs);
    },
    save: () =>
      saving.mutate(draft, {
        onError: (error) => {
          if (error instanceof OvertakenError) setFound(error.now);
        },
      }),
    isSaving: saving.isPending,
    error: isStale ? null : saving.error,
  };
}

/** The later of what the page was told and what a save met. */
function newest(told: Application, found: Application | null): Application {
  if (found === null) return told;
  return Number(versionOf(told)) >= Number(versionOf(found)) ? told : found;
}
