/** What can be done to all sync windows that are chosen. */
import { useState } from 'react';
import { Button, Confirm, IconButton } from '@/components';
import { counted } from '@/text/quantity';
import type { SyncWindow } from '../model';
import type { Saving } from '../saving';
import styles from './Calendar.module.css';
import { type Chosen, changedAll, without } from './chosen';
import { type Change, ManyDialog } from './ManyDialog';

interface Props {
  readonly windows: readonly SyncWindow[];
  readonly chosen: Chosen;
  readonly saving: Saving;
  readonly onClear: () => void;
}

export function ChosenBar({ windows, chosen, saving, onClear }: Props) {
  const [open, setOpen] = useState<'edit' | 'delete' | undefined>();
  const close = () => {
    saving.forget();
    setOpen(undefined);
  };
  const done = () => {
    close();
    onClear();
  };
  const change = (said: Change) => saving.save({ syncWindows: changedAll(windows, chosen, said) }, done);
  const byHand = (manualSync: boolean) => {
    saving.apply({ syncWindows: changedAll(windows, chosen, { manualSync }) });
    onClear();
  };
  const shared = { small: true, refused: saving.refusal, busy: saving.busy } as const;
  return (
    <div className={styles.chosen} role="toolbar" aria-label="Chosen sync windows">
      <span aria-live="polite">{`${counted(chosen.size, 'window')} chosen`}</span>
      <Button {...shared} icon="play" onClick={() => byHand(true)}>
        Allow syncs by hand
      </Button>
      <Button {...shared} icon="pause" onClick={() => byHand(false)}>
        Forbid syncs by hand
      </Button>
      <Button {...shared} icon="edit" onClick={() => setOpen('edit')}>
        Change
      </Button>
      <Button {...shared} icon="trash" onClick={() => setOpen('delete')}>
        Delete
      </Button>
      <IconButton icon="close" label="Choose none" onClick={onClear} />
      {open === 'edit' && (
        <ManyDialog count={chosen.size} busy={saving.busy} refusal={saving.words} onSave={change} onClose={close} />
      )}
      {open === 'delete' && (
        <Confirm
          title={`Delete ${counted(chosen.size, 'sync window')}`}
          action="Delete"
          busy={saving.busy}
          error={saving.words}
          onClose={close}
          onConfirm={() => saving.save({ syncWindows: without(windows, chosen) }, done)}
        >
          Syncs that the denying ones among them forbid run from now on, automatic ones at once. Where no allowing
          window is left, syncs run at any time.
        </Confirm>
      )}
    </div>
  );
}
