/** The next two weeks of sync windows: a row for each day, a bar for each time that a window is open. */
import { useId, useMemo } from 'react';
import type { SyncWindow } from '../model';
import styles from './Calendar.module.css';
import { clipped, daysFrom, openings, type Span } from './calendar';
import { aboutOf, dayName, spanName } from './words';

const DAYS = 14;
const HOURS = [0, 6, 12, 18, 24];

interface Props {
  readonly windows: readonly SyncWindow[];
  readonly now: number;
  /** The zone whose days are shown; windows keep their own. */
  readonly zone: string;
}

export function Calendar({ windows, now, zone }: Props) {
  const days = useMemo(() => daysFrom(now, DAYS, zone), [now, zone]);
  const opened = useMemo(() => spansOf(windows, days), [windows, days]);
  const title = useId();
  return (
    <section aria-labelledby={title} className={styles.calendar}>
      <h3 id={title}>The next two weeks</h3>
      <p className={styles.zone}>Times of {zone}.</p>
      <div className={styles.hours} aria-hidden="true">
        {HOURS.map((hour) => (
          <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>
            {String(hour).padStart(2, '0')}
          </span>
        ))}
      </div>
      <ol className={styles.days}>
        {days.map(({ day, span }) => (
          <li key={span.from} className={styles.day}>
            <span className={styles.name}>{dayName(day)}</span>
            <DayTrack windows={windows} opened={opened} day={span} now={now} zone={zone} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface TrackProps extends Props {
  readonly opened: readonly (readonly Span[])[];
  readonly day: Span;
}

function DayTrack({ windows, opened, day, now, zone }: TrackProps) {
  const bars = windows.flatMap((window, at) =>
    (opened[at] ?? []).flatMap((span) => {
      const part = clipped(span, day);
      return part === null ? [] : [{ window, part, at }];
    }),
  );
  const length = day.to - day.from;
  return (
    <div className={styles.track}>
      {day.from <= now && now < day.to && (
        <span className={styles.now} aria-hidden="true" style={{ left: `${((now - day.from) / length) * 100}%` }} />
      )}
      <ul className={styles.bars} style={{ gridTemplateRows: `repeat(${Math.max(1, windows.length)}, 14px)` }}>
        {bars.map(({ window, part, at }) => {
          const words = `${window.kind === 'deny' ? 'Deny' : 'Allow'} ${spanName(part, day, zone)}: ${aboutOf(window)}`;
          return (
            <li
              key={`${at}/${part.from}`}
              className={window.kind === 'deny' ? styles.deny : styles.allow}
              style={{
                gridArea: `${at + 1} / 1`,
                marginLeft: `${((part.from - day.from) / length) * 100}%`,
                width: `${((part.to - part.from) / length) * 100}%`,
              }}
              title={words}
            >
              <span>{words}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What a bar's colour and stripes mean. */
export function Legend() {
  return (
    <p className={styles.legend}>
      <span className={styles.allow} aria-hidden="true" /> Allow: syncs run only while one is open
      <span className={styles.deny} aria-hidden="true" /> Deny: no syncs while one is open
    </p>
  );
}

function spansOf(windows: readonly SyncWindow[], days: readonly { readonly span: Span }[]): (readonly Span[])[] {
  const from = days[0]?.span.from ?? 0;
  const to = days.at(-1)?.span.to ?? 0;
  return windows.map((window) => openings(window, { from, to }).spans);
}
