/** A running or finished operation: its phase, its words, and what became of each object. */
import { Button, Duration, Phase, Revision, Text, Time, VirtualList } from '@/components';
import { counted } from '@/text/quantity';
import { keyOf, titleOf } from './objects';
import { hasFailed, isRunning, type Operation, type ResultRow, sorted } from './operation';
import css from './sync.module.css';

export interface FollowedProps {
  operation: Operation;
  onEnd?: (() => void) | undefined;
  isEnding?: boolean;
  /** Why it cannot be ended; "" where it can. */
  endRefusal?: string;
}

const MANY = 60;

export function Followed({ operation, onEnd, isEnding = false, endRefusal = '' }: FollowedProps) {
  const rows = sorted(operation.rows);
  const what = `${operation.dryRun ? 'Dry run' : 'Sync'}${operation.partial ? ' of chosen objects' : ''}`;
  return (
    <section className={css['followed']} aria-label={what}>
      <header className={css['phase']}>
        <strong>{what}</strong>
        <Phase phase={operation.phase} />
        {operation.revision && <Revision sha={operation.revision} />}
        <span className={css['by']}>
          {operation.automated ? (
            'by itself'
          ) : operation.initiatedBy ? (
            <>
              by <Text value={operation.initiatedBy} />
            </>
          ) : null}{' '}
          {operation.startedAt && <Time at={operation.startedAt} />}
          {operation.finishedAt && operation.startedAt && operation.finishedAt !== operation.startedAt && (
            <>
              {' '}
              · <Duration from={operation.startedAt} to={operation.finishedAt} />
            </>
          )}
        </span>
        {isRunning(operation) && onEnd && (
          <Button
            kind="danger"
            icon="stop"
            busy={isEnding}
            refused={operation.phase === 'Terminating' ? 'It is ending already.' : endRefusal}
            onClick={onEnd}
          >
            End it
          </Button>
        )}
      </header>
      {operation.message && (
        <p className={css['message']} aria-live="polite">
          <Text value={operation.message} lines={6} />
        </p>
      )}
      {operation.dryRun && !isRunning(operation) && <p>Nothing was changed.</p>}
      {operation.retryCount > 0 && <p>Tried again {counted(operation.retryCount, 'time')}.</p>}
      {rows.length > MANY ? (
        <div className={css['scroll']}>
          <VirtualList
            label="Results"
            items={rows}
            keyOf={rowKey}
            estimate={52}
            render={(row) => <Result row={row} dryRun={operation.dryRun} />}
          />
        </div>
      ) : (
        <ul className={css['list']} aria-label="Results">
          {rows.map((row) => (
            <li key={rowKey(row)}>
              <Result row={row} dryRun={operation.dryRun} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function rowKey(row: ResultRow): string {
  return `${keyOf(row)}/${row.syncPhase}/${row.hookType}`;
}

function Result({ row, dryRun }: { row: ResultRow; dryRun: boolean }) {
  const isHook = row.hookType !== '';
  return (
    <div className={css['result']} data-failed={hasFailed(row) || undefined}>
      <span className={css['what']}>
        <Text value={titleOf(row)} />
        {isHook && (
          <span className={css['tag']}>
            <Text value={row.hookType} /> hook
          </span>
        )}
      </span>
      <span className={css['states']}>
        <Text value={wordOf(row, dryRun)} />
      </span>
      <span className={css['words']}>
        <Text value={row.message} lines={3} />
      </span>
    </div>
  );
}

const WORDS: Readonly<Record<string, string>> = {
  Synced: 'Synced',
  SyncFailed: 'Failed',
  Pruned: 'Pruned',
  PruneSkipped: 'Not pruned',
};

function wordOf(row: ResultRow, dryRun: boolean): string {
  if (row.hookType) return row.hookPhase || 'Running';
  if (dryRun && row.status === 'Synced') return 'Accepted';
  if (dryRun && row.status === 'Pruned') return 'Would be pruned';
  return WORDS[row.status] ?? row.hookPhase;
}
