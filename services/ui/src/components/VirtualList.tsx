/** Long lists of which only what the window shows is in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type Ref, useImperativeHandle, useRef } from 'react';
import { classes } from './classes';
import { type Sorting, SortTitle, sortedAs } from './Table';
import css from './VirtualList.module.css';

export interface VirtualHandle {
  scrollTo: (index: number) => void;
}

export interface VirtualListProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T, index: number) => string;
  render: (item: T, index: number) => ReactNode;
  /** Pixels of a row; rows that differ are measured. */
  estimate?: number;
  /** Rows drawn beyond the edge. */
  overscan?: number;
  handle?: Ref<VirtualHandle>;
}

export function VirtualList<T>({
  label,
  items,
  keyOf,
  render,
  estimate = 32,
  overscan = 8,
  handle,
}: VirtualListProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useRows(scroller, items, keyOf, estimate, overscan, handle);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys.
    <section ref={scroller} className={css.scroller} tabIndex={0} aria-label={label}>
      <div role="list" className={css.space} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <div
              key={row.key}
              ref={virtual.measureElement}
              data-index={row.index}
              role="listitem"
              aria-setsize={items.length}
              aria-posinset={row.index + 1}
              className={css.row}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {render(item, row.index)}
            </div>
          );
        })}
      </div>
    </section>
  );
}

export interface VirtualColumn<T> {
  key: string;
  title: string;
  render: (item: T, index: number) => ReactNode;
  /** A track of CSS grid: `minmax(120px, 2fr)`, `90px`. */
  width?: string;
  align?: 'start' | 'end';
  sort?: string;
  hideTitle?: boolean;
}

export interface VirtualTableProps<T> extends Sorting {
  label: string;
  columns: readonly VirtualColumn<T>[];
  items: readonly T[];
  keyOf: (item: T, index: number) => string;
  /** Of all there is, where the items are a part of it. */
  total?: number;
  /** The row the keyboard is at. */
  active?: number;
  onOpen?: (item: T, index: number) => void;
  /** Pixels of every row. */
  rowHeight?: number;
  handle?: Ref<VirtualHandle>;
}

export function VirtualTable<T>(props: VirtualTableProps<T>) {
  const {
    label,
    columns,
    items,
    keyOf,
    total = items.length,
    active,
    onOpen,
    rowHeight = 36,
    sort,
    onSort,
    handle,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useRows(scroller, items, keyOf, rowHeight, 12, handle);
  const tracks = { gridTemplateColumns: columns.map((column) => column.width ?? 'minmax(80px, 1fr)').join(' ') };
  return (
    <div
      ref={scroller}
      className={css.scroller}
      role="table"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
    >
      <div role="rowgroup" className={css.head}>
        <div role="row" aria-rowindex={1} className={css.cells} style={tracks} tabIndex={-1}>
          {columns.map((column) => (
            <div
              key={column.key}
              role="columnheader"
              className={classes(css.title, column.align === 'end' && css.end)}
              aria-sort={sortedAs(column.sort, sort)}
              tabIndex={-1}
            >
              <SortTitle column={column} sort={sort} onSort={onSort} />
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={css.space} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys open it through the page's shortcuts and the link in its first cell.
            <div
              key={row.key}
              role="row"
              tabIndex={-1}
              aria-rowindex={row.index + 2}
              className={classes(css.row, css.cells, css.line, row.index === active && css.active)}
              style={{ ...tracks, height: row.size, transform: `translateY(${row.start}px)` }}
              onClick={(event) => {
                if (!(event.target as Element).closest('a, button, input, label')) onOpen?.(item, row.index);
              }}
            >
              {columns.map((column) => (
                <div key={column.key} role="cell" className={classes(css.cell, column.align === 'end' && css.end)}>
                  {column.render(item, row.index)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function useRows<T>(
  scroller: React.RefObject<HTMLDivElement | null>,
  items: readonly T[],
  keyOf: (item: T, index: number) => string,
  size: number,
  overscan: number,
  handle: Ref<VirtualHandle> | undefined,
) {
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    overscan,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item, index);
    },
  });
  useImperativeHandle(handle, () => ({ scrollTo: (index) => virtual.scrollToIndex(index, { align: 'auto' }) }), [
    virtual,
  ]);
  return virtual;
}
