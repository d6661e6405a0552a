import { type Ref, useCallback, useEffect, useRef } from 'react';
import { Button } from '@/components';
import { counted } from '@/text/quantity';
import type { Arranged } from './held';
import { Line, LineSkeleton } from './Line';
import { List, type ListHandle } from './List';
import styles from './ListView.module.css';
import type { ApplicationRow } from './row';
import { TableHeader } from './TableHeader';
import { Tile, TileSkeleton } from './Tile';
import type { View } from './view';
import type { Range } from './window';

export interface Cursor {
  place: number;
  row: ApplicationRow | undefined;
}

export const NOWHERE: Cursor = { place: -1, row: undefined };

interface Props {
  view: View;
  arranged: Arranged;
  around: (place: number) => ApplicationRow | undefined;
  /** The place that has the keyboard and its application; -1 for none. */
  cursor: Cursor;
  isAll: boolean;
  isSelected: (key: string) => boolean;
  isFavourite: (key: string) => boolean;
  onAll: (isAll: boolean) => void;
  onView: (view: View) => void;
  onSeen: (range: Range) => void;
  /** Somebody points at the list or has the keyboard in it, or not any more. */
  onPoint: (isThere: boolean) => void;
  onCursor: (cursor: Cursor) => void;
  onApply: () => void;
  ref: Ref<ListHandle>;
}

/** Pixels: of tiles at least, of tiles and their gap, of lines, and of lines where there is little room. */
const TILE = 300;
const TILE_HEIGHT = 196;
const LINE = 40;
const NARROW_LINE = 64;
const ROOM = 760;
const HEADER = 36;

/** The applications as tiles or as a table. */
export function ListView(props: Props) {
  const { view, arranged, cursor, isSelected, isFavourite, onView, onPoint, onCursor } = props;
  const frame = useRef<HTMLDivElement>(null);
  const isTable = view.layout === 'table';
  const Item = isTable ? Line : Tile;
  const Skeleton = isTable ? LineSkeleton : TileSkeleton;
  const lineHeight = useCallback(
    (width: number) => (!isTable ? TILE_HEIGHT : width < ROOM ? NARROW_LINE : LINE),
    [isTable],
  );
  // What is gone from the document has neither pointer nor keyboard any more, and nobody says so.
  useEffect(() => {
    if (cursor.place >= 0 && !frame.current?.contains(document.activeElement)) onCursor(NOWHERE);
  });
  useEffect(() => () => onPoint(false), [onPoint]);
  const header = isTable && (
    <TableHeader
      view={view}
      isAll={props.isAll}
      onAll={props.onAll}
      onSort={(sort, descending) => onView({ ...view, sort, descending })}
    />
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it notices pointer and focus, and does nothing by itself.
    <div
      ref={frame}
      className={styles.view}
      onPointerEnter={(event) => event.pointerType === 'mouse' && onPoint(true)}
      onPointerLeave={() => onPoint(false)}
      onFocus={(event) => {
        const place = placeOf(event.target);
        if (place >= 0) onCursor({ place, row: arranged.items[place - arranged.offset] ?? props.around(place) });
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onCursor(NOWHERE);
      }}
    >
      <List
        key={view.layout}
        ref={props.ref}
        arranged={arranged}
        around={(place) => props.around(place) ?? (place === cursor.place ? cursor.row : undefined)}
        tileWidth={isTable ? 0 : TILE}
        lineHeight={lineHeight}
        headerHeight={isTable ? HEADER : 0}
        cursor={cursor.place}
        header={header}
        role={isTable ? 'table' : 'list'}
        label="Applications"
        onSeen={props.onSeen}
      >
        {(row, place) =>
          row ? (
            <Item
              key={row.key}
              row={row}
              place={place}
              total={arranged.total}
              isSelected={isSelected(row.key)}
              isFavourite={isFavourite(row.key)}
              isGone={arranged.gone.has(row.key)}
            />
          ) : (
            <Skeleton key={place} place={place} />
          )
        }
      </List>
      {arranged.waiting > 0 && (
        <div className={styles.waiting} role="status">
          <Button small icon="refresh" onClick={props.onApply} title="Nothing moves while you point at it (.)">
            {`Newer order: ${counted(arranged.waiting, 'place')} changed`}
          </Button>
        </div>
      )}
    </div>
  );
}

function placeOf(target: EventTarget): number {
  const item = target instanceof Element ? target.closest<HTMLElement>('[data-place]') : null;
  return item ? Number(item.dataset['place']) : -1;
}
