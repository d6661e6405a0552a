// biome-ignore-all lint/a11y/useFocusableInteractive: the rows of a table are read; the link in each has the focus.
import { memo } from 'react';
import { Health, Phase, Sync, Time } from '@/components';
import { NoticeMark, sourceWords, Target } from './Facts';
import styles from './Line.module.css';
import { MainLink } from './MainLink';
import { OneLine } from './OneLine';
import { MenuButton, SelectBox, StarButton } from './RowControls';
import type { ItemProps } from './Tile';
import { troubleOf } from './trouble';

/** One application as a line of the table. */
export const Line = memo(function Line({ row, place, isSelected, isFavourite, isGone }: ItemProps) {
  const trouble = troubleOf(row);
  const { phase, finishedAt } = row.operation ?? {};
  return (
    <div
      role="row"
      aria-rowindex={place + 2}
      data-place={place}
      data-health={row.health || 'Unknown'}
      data-selected={isSelected}
      data-gone={isGone}
      className={styles.line}
    >
      <div role="cell" className={styles.controls}>
        <SelectBox row={row} isSelected={isSelected} />
        <StarButton row={row} isFavourite={isFavourite} />
      </div>
      <div role="cell" className={styles.name}>
        <MainLink row={row} />
        <NoticeMark row={row} />
        {(trouble || isGone) && (
          <span className={styles.trouble} data-tone={isGone ? 'neutral' : trouble?.tone}>
            <OneLine value={isGone ? 'Not in this view any more' : (trouble?.words ?? '')} />
          </span>
        )}
      </div>
      <div role="cell" className={styles.health}>
        <Health status={row.health ?? ''} />
      </div>
      <div role="cell" className={styles.sync}>
        <Sync status={row.sync ?? ''} />
      </div>
      <div role="cell" className={styles.project}>
        <OneLine value={row.project} />
      </div>
      <div role="cell" className={styles.target}>
        <Target row={row} />
      </div>
      <div role="cell" className={styles.source}>
        <OneLine value={sourceWords(row)} />
      </div>
      <div role="cell" className={styles.operation}>
        {phase && phase !== 'Succeeded' ? <Phase phase={phase} /> : finishedAt ? <Time at={finishedAt} /> : 'Never'}
      </div>
      <div role="cell" className={styles.menu}>
        <MenuButton row={row} />
      </div>
    </div>
  );
});

export function LineSkeleton({ place }: { place: number }) {
  return (
    <div role="row" aria-rowindex={place + 2} data-place={place} className={styles.line}>
      <div role="cell" className={styles.skeleton}>
        <span className={styles.hidden}>Loading</span>
      </div>
    </div>
  );
}
