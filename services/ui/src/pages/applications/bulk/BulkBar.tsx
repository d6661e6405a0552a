import { useCanAnywhere } from '@/api/can';
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
  const sync = useCanAnywhere('applications', 'sync');
  const update = useCanAnywhere('applications', 'update');
  const remove = useCanAnywhere('applications', 'delete');
  return (
    <div className={styles.bar} role="toolbar" aria-label="Selected applications">
      <span className={styles.count} aria-live="polite">{`${applications(selected)} selected`}</span>
      {!isAll && selected < total && (
        <Button kind="quiet" onClick={onAll}>{`Select all ${total.toLocaleString('en')}`}</Button>
      )}
      <span className={styles.actions}>
        <Button icon="sync" kind="primary" refused={sync.refusal} onClick={() => onAct('sync')}>
          Sync
        </Button>
        <Button icon="refresh" onClick={() => onAct('refresh')}>
          Refresh
        </Button>
        <Button icon="pause" refused={update.refusal} onClick={() => onAct('pause')}>
          Pause
        </Button>
        <Button icon="play" refused={update.refusal} onClick={() => onAct('resume')}>
          Resume
        </Button>
        <Button icon="trash" kind="danger" refused={remove.refusal} onClick={() => onAct('delete')}>
          Delete
        </Button>
      </span>
      <IconButton icon="close" label="Select nothing" onClick={onClear} />
    </div>
  );
}
