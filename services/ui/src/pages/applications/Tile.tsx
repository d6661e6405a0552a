import { memo } from 'react';
import { Health, Icon, Phase, Sync, Time } from '@/components';
import { Facts, NoticeMark, TroubleLine } from './Facts';
import { MainLink } from './MainLink';
import { MenuButton, SelectBox, StarButton } from './RowControls';
import type { ApplicationRow } from './row';
import { autoSyncOf } from './row';
import styles from './Tile.module.css';

export interface ItemProps {
  row: ApplicationRow;
  place: number;
  total: number;
  isSelected: boolean;
  isFavourite: boolean;
  isGone: boolean;
}

/** One application as a tile. */
export const Tile = memo(function Tile({ row, place, total, isSelected, isFavourite, isGone }: ItemProps) {
  return (
    <article
      role="listitem"
      aria-posinset={place + 1}
      aria-setsize={total}
      data-place={place}
      data-health={row.health || 'Unknown'}
      className={styles.tile}
      data-selected={isSelected}
      data-gone={isGone}
    >
      <div className={styles.head}>
        <SelectBox row={row} isSelected={isSelected} />
        <h2 className={styles.name}>
          <MainLink row={row} />
        </h2>
        <NoticeMark row={row} />
        <StarButton row={row} isFavourite={isFavourite} />
        <MenuButton row={row} />
      </div>
      <div className={styles.states}>
        <Health status={row.health ?? ''} />
        <Sync status={row.sync ?? ''} />
      </div>
      <Facts row={row} />
      {isGone ? <p className={styles.gone}>Not in this view any more</p> : <TroubleLine row={row} />}
      <div className={styles.foot}>
        <span className={styles.when}>
          <LastOperation row={row} />
        </span>
        <AutoSync row={row} />
      </div>
    </article>
  );
});

function LastOperation({ row }: { row: ApplicationRow }) {
  const { phase, finishedAt } = row.operation ?? {};
  const time = finishedAt && <Time at={finishedAt} />;
  if (phase && phase !== 'Succeeded') {
    return (
      <>
        <Phase phase={phase} /> {time}
      </>
    );
  }
  return time ? <>Synced {time}</> : <>Never synced</>;
}

export function AutoSync({ row }: { row: ApplicationRow }) {
  const state = autoSyncOf(row);
  if (state === 'off') return <span className={styles.auto}>Manual sync</span>;
  return (
    <span className={styles.auto} data-paused={state === 'paused'}>
      <Icon name={state === 'on' ? 'sync' : 'pause'} size={12} />
      {state === 'on' ? 'Auto-sync' : 'Auto-sync paused'}
    </span>
  );
}

/** A place whose application is on its way. */
export function TileSkeleton({ place }: { place: number }) {
  return (
    <div className={styles.tile} data-place={place} data-health="" role="listitem">
      <div className={styles.skeleton} />
      <span className={styles.hidden}>Loading</span>
    </div>
  );
}
