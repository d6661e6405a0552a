import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { Button, Copy, Dialog, Icon, VirtualList } from '@/components';
import type { IconName } from '@/components/Icon';
import { count } from '@/text/quantity';
import { OneLine } from '../OneLine';
import styles from './Bulk.module.css';
import { Name } from './PreviewStep';
import type { Previewed } from './preview';
import type { Outcome, Run } from './run';

interface Props {
  title: string;
  run: Run<Previewed>;
  onRetry: (items: readonly Previewed[]) => void;
  onClose: () => void;
}

const SIGNS: Record<Outcome['state'], { icon: IconName; words: string }> = {
  waiting: { icon: 'clock', words: 'Waiting' },
  running: { icon: 'progress', words: 'At it' },
  done: { icon: 'check', words: 'Done' },
  failed: { icon: 'cross', words: 'Failed' },
  untouched: { icon: 'minus', words: 'Not touched' },
};
const RANK: Record<Outcome['state'], number> = { failed: 0, running: 1, waiting: 2, untouched: 3, done: 4 };

/** What became of each application, while it goes on and after. */
export function ResultStep({ title, run, onRetry, onClose }: Props) {
  const version = useSyncExternalStore(run.subscribe, run.snapshot);
  const outcomeOf = (item: Previewed): Outcome => run.outcomes.get(item.key) ?? { state: 'waiting' };
  const failed = run.items.filter((item) => outcomeOf(item).state === 'failed');
  const { isOver } = run;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the run tells by its version that outcomes are others.
  const sorted = useMemo(
    () =>
      isOver
        ? [...run.items].sort((left, right) => RANK[outcomeOf(left).state] - RANK[outcomeOf(right).state])
        : run.items,
    [run, isOver, version],
  );
  useWarning(!isOver);
  const ended = run.count('done') + run.count('failed');
  return (
    <Dialog
      title={title}
      wide
      onClose={isOver ? onClose : undefined}
      footer={
        isOver ? (
          <>
            <Copy text={asText(run)} label="Copy results" />
            {failed.length > 0 && (
              <Button onClick={() => onRetry(failed)}>{`Try ${count(failed.length)} again`}</Button>
            )}
            <Button kind="primary" onClick={onClose}>
              Close
            </Button>
          </>
        ) : (
          <Button icon="stop" kind="danger" onClick={() => run.stop()}>
            Stop
          </Button>
        )
      }
    >
      <div className={styles.form}>
        <p className={styles.words} aria-live="polite">
          {summaryOf(run)}
        </p>
        <progress
          className={styles.progress}
          max={run.items.length}
          value={ended}
          aria-label="Applications that are done"
        />
        <div className={styles.rows}>
          <VirtualList
            label="Results"
            items={sorted}
            keyOf={({ key }) => key}
            render={(item) => <Result item={item} outcome={outcomeOf(item)} />}
          />
        </div>
      </div>
    </Dialog>
  );
}

function Result({ item, outcome }: { item: Previewed; outcome: Outcome }) {
  const { icon, words } = SIGNS[outcome.state];
  return (
    <span className={styles.item}>
      <span className={styles.sign} data-state={outcome.state}>
        <Icon name={icon} turns={outcome.state === 'running'} />
      </span>
      <Name item={item} />
      <span className={styles.reason} data-state={outcome.state}>
        <OneLine value={'words' in outcome && outcome.words ? outcome.words : words} />
      </span>
    </span>
  );
}

export function summaryOf(run: Run<Previewed>): string {
  const parts = [`${count(run.count('done'))} of ${count(run.items.length)} done`];
  if (run.count('failed')) parts.push(`${count(run.count('failed'))} failed`);
  if (run.wasStopped && run.count('untouched')) parts.push(`stopped: ${count(run.count('untouched'))} not touched`);
  return `${parts.join(', ')}.`;
}

function asText(run: Run<Previewed>): string {
  return run.items
    .map((item) => {
      const outcome = run.outcomes.get(item.key) ?? { state: 'waiting' };
      return [item.key, outcome.state, 'words' in outcome ? outcome.words : ''].join('\t');
    })
    .join('\n');
}

/** The browser asks before the page is left while something goes on. */
function useWarning(isBusy: boolean): void {
  useEffect(() => {
    if (!isBusy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isBusy]);
}
