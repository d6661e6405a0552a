import { Button, IconButton } from '@/components';
import { applications } from '../words';
import type { Action } from './actions';
import styles from './BulkBar.module.css';

interface Props {
  selected: number;
  total: number;
  isAll: boolean;
  onAct: (action: Action, isHard?: boolean) => void;
  onAll: () => void;
  onClear: () => void;
}

/** What can be done to what is selected. */
export function BulkBar({ selected, total, isAll, onAct, onAll, onClear }: Props) {
  return (
    <div className={styles.bar} role="toolbar" aria-label="Selected applications">
      <span className={styles.count} aria-live="polite">{`${applications(selected)} selected`}</span>
      {!isAll && selected < total && (
        <Button kind="quiet" onClick={onAll}>{`Select all ${total.toLocaleString('en')}`}</Button>
      )}
      <span className={styles.actions}>
        <Button icon="sync" kind="primary" onClick={() => onAct('sync')}>
          Sync
        </Button>
        <Button icon="refresh" onClick={() => onAct('refresh')}>
          Refresh
        </Button>
        <Button icon="pause" onClick={() => onAct('pause')}>
          Pause
        </Button>
        <Button icon="play" onClick={() => onAct('resume')}>
          Resume
        </Button>
        <Button icon="trash" kind="danger" onClick={() => onAct('delete')}>
          Delete
        </Button>
      </span>
      <IconButton icon="close" label="Select nothing" onClick={onClear} />
    </div>
  );
}
