/** The lines of logs, of which only those that the window shows are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { Button, classes } from '@/components';
import { count, counted } from '@/text/quantity';
import { LogLine } from './LogLine';
import type { LogLook } from './Logs';
import css from './Logs.module.css';
import { EVERYTHING, type Line, type Lines, View, type Wanted } from './lines';
import type { LogState } from './useLogs';

/** Pixels of a line that is not wrapped. */
const ROW = 20;
/** Pixels from the end that still count as being there. */
const NEAR = 24;

export interface LogViewProps {
  lines: Lines;
  wanted: Wanted;
  look: LogLook;
  hasPods: boolean;
  log: LogState;
}

export function LogView({ lines, wanted, look, hasPods, log }: LogViewProps) {
  const version = useSyncExternalStore(lines.subscribe, () => lines.version);
  const sought = useDeferredValue(wanted);
  const view = useMemo(
    () => new View(lines, look.isMarkedOnly ? EVERYTHING : sought),
    [lines, sought, look.isMarkedOnly],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what the view shows.
  const shown = useMemo(() => view.of(), [view, version]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
    getItemKey: (index) => shown[index]?.number ?? index,
  });
  const [isAtEnd, setAtEnd] = useState(true);
  const last = shown.at(-1)?.number ?? -1;
  const seen = useKept(scroller, shown, isAtEnd);
  useEffect(() => {
    if (isAtEnd && last >= 0) virtual.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [isAtEnd, last, shown, virtual]);
  const onScroll = () => {
    const element = scroller.current;
    if (element) setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR);
  };
  const fresh = isAtEnd ? 0 : Math.max(0, shown.length - seen);
  return (
    <div className={css.view}>
      <div
        ref={scroller}
        className={css.scroller}
        role="log"
        aria-live="off"
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys.
        tabIndex={0}
        onScroll={onScroll}
      >
        <div className={css.space} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((row) => {
            const line = shown[row.index];
            if (!line) return null;
            return (
              <div
                key={row.key}
                data-index={row.index}
                ref={look.isWrapped ? virtual.measureElement : undefined}
                className={classes(css.place, look.isWrapped && css.wrapped)}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <LogLine line={line} look={look} hasPod={hasPods} wanted={sought} />
              </div>
            );
          })}
        </div>
        {shown.length === 0 && <p className={css.empty}>{emptyWords(lines, log)}</p>}
      </div>
      {!isAtEnd && (
        <div className={css.jump}>
          <Button small icon="down" onClick={() => setAtEnd(true)}>
            {fresh > 0 ? `${counted(fresh, 'new line')}` : 'To the end'}
          </Button>
        </div>
      )}
      <p className={css.count}>
        {shown.length === lines.all.length
          ? counted(shown.length, 'line')
          : `${count(shown.length)} of ${counted(lines.all.length, 'line')}`}
        {lines.gone > 0 && `; ${count(lines.gone)} older ones are not kept`}
      </p>
    </div>
  );
}

function emptyWords(lines: Lines, log: LogState): string {
  if (lines.all.length > 0) return 'None of the lines has these words.';
  if (log.state === 'connecting' || log.state === 'refused') return '';
  return log.state === 'done' ? 'There are no lines.' : 'No lines yet.';
}

/**
 * Keeps what somebody reads where it is when the oldest lines go; and how many lines there were when the end was
 * left.
 */
function useKept(scroller: React.RefObject<HTMLDivElement | null>, shown: readonly Line[], isAtEnd: boolean): number {
  const first = useRef<number | undefined>(undefined);
  const seen = useRef(0);
  if (isAtEnd) seen.current = shown.length;
  useLayoutEffect(() => {
    const before = first.current;
    first.current = shown[0]?.number;
    if (isAtEnd || before === undefined || first.current === undefined || first.current <= before) return;
    const gone = Math.min(first.current - before, shown.length);
    seen.current = Math.max(0, seen.current - gone);
    if (scroller.current) scroller.current.scrollTop -= gone * ROW;
  }, [scroller, shown, isAtEnd]);
  return seen.current;
}
