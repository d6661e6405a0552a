/**
 * A stream of the API that stays open: it comes back by itself after a cut, a restart or a pause, and says how it stands.
 * The words and the status of a refusal are seen, which an `EventSource` does not show.
 */
import { onWake } from './awake';
import type { Query } from './client';
import { ApiError, UNREACHABLE } from './errors';
import { EventReader } from './events';
import { MovedError, readStream } from './reading';
import { session } from './session';

/** `paused`: the tab is hidden; `refused`: the server said no, it is asked again from time to time; `ended`: for good. */
export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'paused' | 'refused' | 'ended';

export interface StreamOptions<T> {
  onEvent: (event: T) => void;
  /** `heard`, in milliseconds since the epoch: until when the stream was surely true, where it is not now. */
  onState?: (state: StreamState, error: ApiError | null, heard?: number) => void;
  /** Whether the stream is done when the server closes it: a download, a log that is not followed. */
  once?: boolean;
}

export interface Stream {
  close(): void;
}

/** Milliseconds. The first and the longest pause before it is tried again. */
export const BACK_OFF = { first: 500, longest: 15_000 };
/** Milliseconds until a refusal is put to the test again: rights come back too. */
export const REFUSED_PAUSE = 30_000;
/** Milliseconds without a byte after which a stream counts as cut; the server writes a comment every 15 s. */
export const SILENCE = 40_000;
const SILENT = `Nothing was heard of the server for ${SILENCE / 1_000} s.`;
const SLEPT = 'This machine slept.';
/** Milliseconds that a hidden tab keeps its stream; less where it takes one of the few connections of all tabs. */
export const HIDDEN = { carried: 60_000, fetched: 2_000 };

/** Open a stream of JSON objects; `{"result": …}` around them is taken off. */
export function openStream<T>(path: string, query: Query, options: StreamOptions<T>): Stream {
  return new Connection<T>(path, query, options);
}

class Connection<T> implements Stream {
  private attempt: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private lastEventId: string | null = null;
  private failures = 0;
  private state: StreamState = 'connecting';
  private isClosed = false;
  private isCarried = true;
  private hiddenAt: number | null = null;
  private heard = Date.now();
  private readonly unsubscribe: (() => void)[];

  constructor(
    private readonly path: string,
    private readonly query: Query,
    private readonly options: StreamOptions<T>,
  ) {
    document.addEventListener('visibilitychange', this.onVisibility);
    window.addEventListener('online', this.retryNow);
    this.unsubscribe = [
      session.subscribe(() => {
        if (session.state === 'open' && this.state === 'refused') this.retryNow();
      }),
      onWake((since) => this.woke(since)),
    ];
    this.become('connecting', null);
    this.connect();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stop();
    clearTimeout(this.hiding);
    document.removeEventListener('visibilitychange', this.onVisibility);
    window.removeEventListener('online', this.retryNow);
    for (const leave of this.unsubscribe) leave();
  }

  private stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.attempt?.abort();
    this.attempt = null;
  }

  private become(state: StreamState, error: ApiError | null, heard?: number): void {
    this.state = state;
    this.options.onState?.(state, error, heard);
  }

  private connect(): void {
    this.stop();
    if (this.isClosed) return;
    const attempt = new AbortController();
    this.attempt = attempt;
    this.read(attempt.signal).then(
      () => {
        if (this.attempt === attempt) this.over(null);
      },
      (error: unknown) => {
        if (this.attempt === attempt) this.over(error);
      },
    );
  }

  private async read(signal: AbortSignal): Promise<void> {
    const query = this.lastEventId === null ? this.query : { ...this.query, lastEventId: this.lastEventId };
    this.listen();
    const events = new EventReader(({ id, data }) => this.event(id, data));
    await readStream(this.path, query, {
      signal,
      onOpen: (isCarried) => {
        this.isCarried = isCarried;
        this.listen();
        session.opened();
        this.become('live', null);
        if (document.hidden) this.onVisibility();
      },
      onText: (text) => {
        if (signal.aborted) return;
        this.listen();
        events.push(text);
      },
    });
  }

  private event(id: string | null, data: string): void {
    if (this.isClosed) return;
    const said = JSON.parse(data) as { result?: T; error?: unknown };
    if (said !== null && typeof said === 'object' && 'error' in said && !('type' in said)) throw failureOf(said.error);
    this.failures = 0;
    const isWrapped = said !== null && typeof said === 'object' && 'result' in said && !('type' in said);
    this.options.onEvent(isWrapped ? (said.result as T) : (said as T));
    if (id !== null) this.lastEventId = id;
  }

  /** Take the stream for cut if nothing more is heard. */
  private listen(): void {
    this.heard = Date.now();
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.over(new ApiError(UNREACHABLE, 14, SILENT), this.heard), SILENCE);
  }

  /** Nobody says of a connection that it died while the machine slept. */
  private woke(since: number): void {
    if (this.state === 'live') this.over(new ApiError(UNREACHABLE, 14, SLEPT), Math.min(since, this.heard));
    this.retryNow();
  }

  private over(error: unknown, heard?: number): void {
    this.stop();
    if (this.isClosed) return;
    if (error instanceof MovedError && !this.options.once) {
      this.connect();
      return;
    }
    if (error === null && this.options.once) {
      this.become('ended', null);
      return;
    }
    const told = error instanceof ApiError ? error : null;
    if (told !== null && !told.isTransient) {
      this.lastEventId = null;
      this.become('refused', told);
      if (!told.isSessionEnd) this.timer = setTimeout(this.retry, REFUSED_PAUSE);
      return;
    }
    this.become('reconnecting', told, heard);
    if (this.isClosed) return;
    const pause = Math.min(BACK_OFF.first * 2 ** this.failures, BACK_OFF.longest);
    this.failures += 1;
    this.timer = setTimeout(this.retry, pause * (0.5 + Math.random() / 2));
  }

  private readonly retry = (): void => {
    if (!this.isClosed && this.attempt === null) this.connect();
  };

  private readonly retryNow = (): void => {
    if (this.isClosed || this.attempt !== null || this.state === 'paused' || this.state === 'ended') return;
    clearTimeout(this.timer);
    this.connect();
  };

  /** A tab that is hidden rests in time, however often its stream is cut meanwhile. */
  private readonly onVisibility = (): void => {
    clearTimeout(this.hiding);
    if (this.isClosed || this.state === 'ended') return;
    if (document.hidden) {
      this.hiddenAt ??= Date.now();
      const rest = this.isCarried ? HIDDEN.carried : HIDDEN.fetched;
      this.hiding = setTimeout(this.rest, Math.max(0, this.hiddenAt + rest - Date.now()));
      return;
    }
    this.hiddenAt = null;
    if (this.state === 'paused') {
      this.become('reconnecting', null);
      this.connect();
    } else this.retryNow();
  };

  private readonly rest = (): void => {
    this.stop();
    this.become('paused', null);
  };
}

/** The error that a stream told as its last words. */
function failureOf(said: unknown): ApiError {
  const { message, grpc_code, http_code } = (said ?? {}) as {
    message?: string;
    grpc_code?: number;
    http_code?: number;
  };
  const error = new ApiError(http_code ?? 500, grpc_code ?? 2, message ?? 'The stream ended with an error.');
  if (error.isSessionEnd) session.ended();
  return error;
}
