import { useState } from 'react';
import { addressOf } from '@/api';
import { Button, Copy, Dialog, Field, IconButton, TextInput } from '@/components';
import { OneLine } from './OneLine';
import styles from './SavedViews.module.css';
import { useSavedViews } from './saved';

interface Props {
  /** The query of the address of the view on the screen. */
  query: string;
  onShow: (query: string) => void;
}

/** Views with names: shown, saved, sent to others as links. */
export function SavedViewsMenu({ query, onShow }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon="eye" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Views
      </Button>
      {isOpen && <SavedViewsDialog query={query} onShow={onShow} onClose={() => setOpen(false)} />}
    </>
  );
}

function SavedViewsDialog({ query, onShow, onClose }: Props & { onClose: () => void }) {
  const { views, save, remove } = useSavedViews();
  const [name, setName] = useState('');
  const isKnown = views.some((view) => view.name === name.trim());
  const keep = () => {
    save(name, query);
    setName('');
  };
  return (
    <Dialog title="Saved views" onClose={onClose} footer={<Button onClick={onClose}>Close</Button>}>
      {views.length === 0 && (
        <p>None yet. A view is search, filters, order and layout under a name, kept in this browser.</p>
      )}
      <ul className={styles.views}>
        {views.map((view) => (
          <li key={view.name} data-shown={view.query === query}>
            <button
              type="button"
              className={styles.view}
              onClick={() => {
                onShow(view.query);
                onClose();
              }}
            >
              <OneLine value={view.name} />
            </button>
            <Copy text={linkOf(view.query)} what={`the link of ${view.name}`} />
            <IconButton icon="trash" label={`Forget ${view.name}`} onClick={() => remove(view.name)} />
          </li>
        ))}
      </ul>
      <form
        className={styles.save}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) keep();
        }}
      >
        <Field label="Save this view as">
          <TextInput value={name} onChange={setName} maxLength={60} />
        </Field>
        <Button type="submit" kind="primary" refused={name.trim() ? '' : 'Give it a name first'}>
          {isKnown ? 'Replace' : 'Save'}
        </Button>
        <Copy text={linkOf(query)} label="Copy its link" />
      </form>
    </Dialog>
  );
}

/** The address of a view as one sends it to a colleague. */
function linkOf(query: string): string {
  return `${window.location.origin}${addressOf('/applications')}?${query}`;
}
