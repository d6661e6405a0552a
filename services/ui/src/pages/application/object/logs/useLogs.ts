/** The lines of the logs that are asked for, as they come. */
import { useEffect, useState } from 'react';
import { openStream, type StreamState } from '@/api';
import type { ApiError } from '@/api/errors';
import { entryOf, type LogChoice, type LogEntry, type LogSource, Newer, pathOf, queryOf } from './ask';
import { type Entry, Lines } from './lines';

export interface LogState {
  readonly state: StreamState | 'done';
  readonly error: ApiError | null;
}

const CONNECTING: LogState = { state: 'connecting', error: null };
/** Milliseconds that lines are gathered before they are shown. */
const GATHER = 80;
/** Milliseconds after which a stream that was cut is gone on with. */
const PAUSE = 1000;

/** The code of logs that are not read any more, by a controller that restarted: they are asked for again. */
const ABORTED = 10;

/** A null source asks for nothing. */
export function useLogs(source: LogSource | null, choice: LogChoice): { lines: Lines; log: LogState } {
  const [lines] = useState(() => new Lines());
  const [log, setLog] = useState<LogState>(CONNECTING);
  const asked = source ? JSON.stringify([pathOf(source), queryOf(source, choice)]) : '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` stands for the source and the choice.
  useEffect(() => {
    lines.clear();
    setLog(CONNECTING);
    if (!source) return;
    const follower = new Follower(source, choice, lines, setLog);
    return () => follower.close();
  }, [asked, lines]);
  return { lines, log };
}

/** One log from its first line on, through cuts and restarts of the server. */
class Follower {
  private readonly newer = new Newer();
  private gathered: Entry[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private stream: { close(): void } | null = null;
  private isDone = false;

  constructor(
    private readonly source: LogSource,
    private readonly choice: LogChoice,
    private readonly lines: Lines,
    private readonly tell: (state: LogState) => void,
  ) {
    this.open();
  }

  close(): void {
    clearTimeout(this.timer);
    clearTimeout(this.again);
    this.stream?.close();
    this.stream = null;
  }

  private open(): void {
    const query = queryOf(this.source, this.choice, this.newer.resume);
    if (this.newer.resume) this.newer.resumed();
    this.stream = openStream<LogEntry>(pathOf(this.source), query, {
      once: true,
      onEvent: (told) => this.take(told),
      onState: (state, error) => this.become(state, error),
    });
  }

  private take(told: LogEntry): void {
    const entry = entryOf(told, this.source.container);
    if (!entry) this.isDone = true;
    else if (this.newer.isNew(entry)) {
      this.gathered.push(entry);
      this.timer ??= setTimeout(() => this.flush(), GATHER);
    }
  }

  private flush(): void {
    this.timer = undefined;
    const found = this.gathered;
    this.gathered = [];
    this.lines.add(found);
  }

  /** A stream that comes back would tell its first lines again: it is asked for what came since instead. */
  private become(state: StreamState, error: ApiError | null): void {
    if (state === 'ended') {
      this.flushNow();
      if (this.isDone || !this.choice.follow) this.tell({ state: 'done', error: null });
      else this.goOn(null);
    } else if (state === 'reconnecting' || error?.code === ABORTED) {
      this.flushNow();
      this.goOn(error);
    } else {
      if (state === 'refused') this.newer.resumed();
      this.tell({ state, error });
    }
  }

  private goOn(error: ApiError | null): void {
    this.tell({ state: 'reconnecting', error });
    this.stream?.close();
    clearTimeout(this.again);
    this.again = setTimeout(() => this.open(), PAUSE * (1 + Math.random()));
  }

  private flushNow(): void {
    clearTimeout(this.timer);
    this.flush();
  }
}
