// biome-ignore-all lint/a11y/useFocusableInteractive: the rows of a table are read; the link in each has the focus.
import { Icon } from '@/components';
import styles from './Line.module.css';
import type { Sort, View } from './view';

const COLUMNS: { sort: Sort; title: string; style: string | undefined }[] = [
  { sort: 'name', title: 'Name', style: styles.name },
  { sort: 'health', title: 'Health', style: styles.health },
  { sort: 'sync', title: 'Sync', style: styles.sync },
  { sort: 'project', title: 'Project', style: styles.project },
  { sort: 'cluster', title: 'Target', style: styles.target },
];

interface Props {
  view: View;
  isAll: boolean;
  onAll: (isAll: boolean) => void;
  onSort: (sort: Sort, descending: boolean) => void;
}

/** The titles of the table, by which it is sorted. */
export function TableHeader({ view, isAll, onAll, onSort }: Props) {
  const heading = ({ sort, title, style }: (typeof COLUMNS)[number]) => {
    const isIt = view.sort === sort;
    const order = !isIt ? 'none' : view.descending ? 'descending' : 'ascending';
    return (
      <div key={sort} role="columnheader" aria-sort={order} className={style}>
        <button type="button" className={styles.sort} onClick={() => onSort(sort, isIt && !view.descending)}>
          {title}
          {isIt && <Icon name={view.descending ? 'down' : 'up'} size={12} />}
        </button>
      </div>
    );
  };
  return (
    <div role="rowgroup" className={styles.header}>
      <div role="row" aria-rowindex={1} className={styles.line}>
        <div role="columnheader" className={styles.controls}>
          <label className={styles.all}>
            <input
              type="checkbox"
              checked={isAll}
              aria-label="Select all applications of this view"
              onChange={(event) => onAll(event.target.checked)}
            />
          </label>
        </div>
        {COLUMNS.map(heading)}
        <div role="columnheader" className={styles.source}>
          Source
        </div>
        {heading({ sort: 'finished', title: 'Last sync', style: styles.operation })}
        <div role="columnheader" className={styles.menu}>
          <span className={styles.hidden}>Actions</span>
        </div>
      </div>
    </div>
  );
}
