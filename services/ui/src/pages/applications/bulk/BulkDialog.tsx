import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { wordsOf } from '@/api';
import type { Selection } from '../selection';
import { SEARCH } from '../useApplications';
import { ACTIONS, type Action, act, OPTIONS, type Options } from './actions';
import { PreviewStep } from './PreviewStep';
import type { Previewed } from './preview';
import { ResultStep } from './ResultStep';
import { Run } from './run';

interface Props {
  action: Action;
  selection: Selection;
  /** What "all" means. */
  question: Record<string, unknown>;
  isHard?: boolean;
  onClose: () => void;
  /** Something was done: what is selected may be let go. */
  onDone: () => void;
}

/** One action on many applications: what it would touch, then what became of each. */
export function BulkDialog({ action, selection, question, isHard = false, onClose, onDone }: Props) {
  const client = useQueryClient();
  const [options, setOptions] = useState<Options>({ ...OPTIONS, hard: isHard });
  const [run, setRun] = useState<Run<Previewed> | null>(null);
  const start = (items: readonly Previewed[]) => {
    const next = new Run(items, (item) => act(action, options, item), wordsOf);
    setRun(next);
    onDone();
    void next.start().then(() => client.invalidateQueries({ queryKey: [SEARCH], refetchType: 'none' }));
  };
  if (run) {
    return <ResultStep title={ACTIONS[action].title} run={run} onRetry={start} onClose={onClose} />;
  }
  return (
    <PreviewStep
      action={action}
      selection={selection}
      question={question}
      options={options}
      onOptions={setOptions}
      onStart={start}
      onClose={onClose}
    />
  );
}
