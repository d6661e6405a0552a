import { Icon } from '@/components';
import { useRowActions } from './actions';
import styles from './RowControls.module.css';
import type { ApplicationRow } from './row';

/** The controls of a row are plain elements: hundreds of them come and go while one scrolls. */
export function SelectBox({ row, isSelected }: { row: ApplicationRow; isSelected: boolean }) {
  const { select } = useRowActions();
  return (
    <label className={styles.control}>
      <input
        type="checkbox"
        checked={isSelected}
        aria-label={`Select ${row.name}`}
        onClick={(event) => select(row, event.shiftKey)}
        onChange={ignore}
      />
    </label>
  );
}

/** React wants to hear of a change; the click says more: whether Shift was held. */
function ignore(): void {}

export function StarButton({ row, isFavourite }: { row: ApplicationRow; isFavourite: boolean }) {
  const { star } = useRowActions();
  return (
    <button
      type="button"
      className={styles.control}
      aria-pressed={isFavourite}
      aria-label={`Favourite ${row.name}`}
      title={isFavourite ? 'No favourite any more' : 'Make it a favourite'}
      onClick={() => star(row.key)}
    >
      <Icon name="star" filled={isFavourite} />
    </button>
  );
}

export function MenuButton({ row }: { row: ApplicationRow }) {
  const { menu } = useRowActions();
  return (
    <button
      type="button"
      className={styles.control}
      aria-haspopup="menu"
      aria-label={`Actions of ${row.name}`}
      onClick={(event) => menu(row, event.currentTarget)}
    >
      <Icon name="more" />
    </button>
  );
}
