import { type Range as Shown, useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type Ref, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { type Arranged, moved } from './held';
import styles from './List.module.css';
import type { ApplicationRow } from './row';
import { useSize } from './useSize';
import type { Range } from './window';

export interface ListHandle {
  /** Gives the keyboard to the application at a place, as soon as it is there. */
  focus: (place: number) => void;
  toTop: () => void;
  columns: () => number;
}

interface Props {
  arranged: Arranged;
  around: (place: number) => ApplicationRow | undefined;
  /** Pixels: of a tile at least; 0 for one application a line. */
  tileWidth: number;
  /** Pixels of a line, its gap included. */
  lineHeight: (width: number) => number;
  /** Pixels of what stays at the top. */
  headerHeight: number;
  /** The place that has the keyboard, which stays in the document; -1 for none. */
  cursor: number;
  header?: ReactNode;
  role: 'list' | 'table';
  label: string;
  onSeen: (range: Range) => void;
  children: (row: ApplicationRow | undefined, place: number) => ReactNode;
  ref?: Ref<ListHandle>;
}

const OVERSCAN = 4;
const GAP = 12;

/** A list of any length of which only what is on the screen is in the document. Lines have one height. */
export function List(props: Props) {
  const { arranged, around, tileWidth, cursor, onSeen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const columns = tileWidth ? Math.max(1, Math.floor((size.width + GAP) / (tileWidth + GAP))) : 1;
  const height = props.lineHeight(size.width);
  const lines = Math.ceil(arranged.total / columns);
  const cursorLine = cursor >= 0 && cursor < arranged.total ? Math.floor(cursor / columns) : -1;
  const virtual = useVirtualizer({
    count: lines,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollMargin: props.headerHeight,
    scrollPaddingStart: props.headerHeight,
    rangeExtractor: useCallback((range: Shown) => linesOf(range, cursorLine), [cursorLine]),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are measured anew when they are others.
  useLayoutEffect(() => virtual.measure(), [virtual, height]);

  const first = Math.floor((virtual.scrollOffset ?? 0) / height) * columns;
  const last = first + Math.ceil(size.height / height + 1) * columns - 1;
  useEffect(() => {
    if (size.height) onSeen({ first, last });
  }, [first, last, size.height, onSeen]);

  useAnchor(scroller, arranged, first, columns, height);
  useFocus(props.ref, scroller, columns, (place) =>
    virtual.scrollToIndex(Math.floor(place / columns), { align: 'auto' }),
  );

  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard. */}
      <section ref={scroller} className={styles.scroller} tabIndex={0} aria-label={props.label}>
        <div role={props.role} {...(props.role === 'table' && { 'aria-rowcount': arranged.total + 1 })}>
          {props.header}
          <div
            className={styles.whole}
            style={{ height: virtual.getTotalSize() }}
            role={props.role === 'table' ? 'rowgroup' : 'presentation'}
          >
            {virtual.getVirtualItems().map((line) => (
              <div
                key={line.key}
                className={tileWidth ? styles.tiles : styles.line}
                role="presentation"
                style={{
                  transform: `translateY(${line.start - props.headerHeight}px)`,
                  height: tileWidth ? height - GAP : height,
                  ...(tileWidth && { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }),
                }}
              >
                {placesOf(line.index, columns, arranged.total).map((place) => {
                  const row = arranged.items[place - arranged.offset] ?? around(place);
                  return props.children(row, place);
                })}
              </div>
            ))}
          </div>
        </div>
      </section>
    </div>
  );
}

function linesOf({ startIndex, endIndex, overscan, count }: Shown, cursor: number): number[] {
  const first = Math.max(0, startIndex - overscan);
  const last = Math.min(count - 1, endIndex + overscan);
  const lines = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  if (cursor >= 0 && cursor < count && (cursor < first || cursor > last)) lines.push(cursor);
  return lines.sort((left, right) => left - right);
}

function placesOf(line: number, columns: number, total: number): number[] {
  const first = line * columns;
  return Array.from({ length: Math.max(0, Math.min(columns, total - first)) }, (_, at) => first + at);
}

/** Keeps what is read where it is on the screen when lines above it come or go; at the top, the top is shown. */
function useAnchor(
  scroller: { current: HTMLDivElement | null },
  arranged: Arranged,
  first: number,
  columns: number,
  height: number,
): void {
  const before = useRef<{ arranged: Arranged; key: string | undefined }>({ arranged, key: undefined });
  useLayoutEffect(() => {
    const { arranged: old, key } = before.current;
    const top = scroller.current?.scrollTop ?? 0;
    if (scroller.current && old.items !== arranged.items && key !== undefined && top > height) {
      const by = Math.trunc(moved(old, arranged, key) / columns);
      if (by) scroller.current.scrollTop = top + by * height;
    }
    before.current = { arranged, key: arranged.items[first - arranged.offset]?.key };
  }, [scroller, arranged, first, columns, height]);
}

function useFocus(
  ref: Ref<ListHandle> | undefined,
  scroller: { current: HTMLDivElement | null },
  columns: number,
  scrollTo: (place: number) => void,
): void {
  const wanted = useRef<number | null>(null);
  const take = () => {
    if (wanted.current === null) return;
    const found = scroller.current?.querySelector<HTMLElement>(`[data-place="${wanted.current}"] [data-main]`);
    if (!found) return;
    wanted.current = null;
    found.focus({ preventScroll: true });
  };
  useEffect(take);
  useImperativeHandle(ref, () => ({
    focus: (place) => {
      wanted.current = place;
      scrollTo(place);
      take();
    },
    toTop: () => {
      if (scroller.current) scroller.current.scrollTop = 0;
    },
    columns: () => columns,
  }));
}
