/**
 * All streams of this tab over one WebSocket.
 *
 * Why: over HTTP/1.1 a browser opens six connections to a server for all its tabs, and a stream that is fetched holds one of
 * them. WebSockets are counted apart. The invariant: what a reader is told is what a fetch of the same address would tell, and
 * a connection that is not known to be alive carries nothing.
 */
import { onWake } from './awake';
import { addressOf } from './base';
import { described } from './client';
import { ApiError, UNREACHABLE } from './errors';
import { session } from './session';

export interface Reader {
  signal: AbortSignal;
  onOpen: () => void;
  onText: (text: string) => void;
}

const PATH = '/api/v1/streams';
/** Milliseconds until the server has said hello, or is taken for one that is not reached in this way. */
export const HANDSHAKE = 5_000;
/** Milliseconds without a message while there are streams; of each the server says something every 20 s. */
export const QUIET = 35_000;
/** Milliseconds that a connection without a stream is kept. */
export const IDLE = 5_000;
/** Characters of an address that the server takes in a message. */
const LONGEST = 8_192;
/** Closes with this and an HTTP status are refusals. */
const CLOSED = 4_000;
const CUT = 'The connection to the server was cut.';

interface Head {
  readonly hello?: number;
  readonly stream?: number;
  readonly status?: number;
  readonly body?: string;
  readonly end?: boolean;
}

interface Waiting extends Reader {
  done: () => void;
  failed: (error: unknown) => void;
}

let current: Carrier | null = null;

/** The carrier of this tab, or null where none can be had now. */
export async function carrier(): Promise<Carrier | null> {
  if (session.state === 'ended') return null;
  current ??= opened();
  const found = current;
  if (found === null || !(await found.isUp)) return null;
  return found.isOver ? carrier() : found;
}

/** What is carried is asked for anew. */
export function dropCarrier(): void {
  current?.close();
}

/** Tabs of a browser share its session: somebody who logs in in one of them is another in all. */
let tabs: BroadcastChannel | null = null;

export function sessionReplaced(): void {
  dropCarrier();
  tabs?.postMessage('replaced');
}

session.subscribe(() => {
  if (session.state !== 'open') queueMicrotask(dropCarrier);
});

function opened(): Carrier | null {
  if (tabs === null && typeof BroadcastChannel !== 'undefined') {
    tabs = new BroadcastChannel('fairlead.session');
    tabs.onmessage = dropCarrier;
  }
  try {
    return new Carrier();
  } catch {
    return null;
  }
}

export class Carrier {
  readonly isUp: Promise<boolean>;
  private readonly socket: WebSocket;
  private readonly readers = new Map<number, Waiting>();
  private readonly timers: ReturnType<typeof setInterval>[];
  private readonly unsubscribe: () => void;
  private settle: (isUp: boolean) => void = () => undefined;
  private idle: ReturnType<typeof setTimeout> | undefined;
  private heard = Date.now();
  private next = 0;
  private isGreeted = false;
  isOver = false;

  constructor() {
    const address = new URL(addressOf(PATH), window.location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    this.socket = new WebSocket(address);
    this.isUp = new Promise((settle) => {
      this.settle = settle;
    });
    this.socket.onmessage = ({ data }) => this.hear(String(data));
    this.socket.onclose = ({ code, reason }) => this.over(failureOf(code, reason));
    const handshake = setTimeout(() => {
      if (!this.isGreeted) this.close();
    }, HANDSHAKE);
    const watch = setInterval(() => this.watch(), QUIET / 7);
    this.timers = [handshake, watch];
    this.unsubscribe = onWake(() => this.close());
  }

  static takes(address: string): boolean {
    return address.length <= LONGEST;
  }

  /** Read the stream at a path and query to its end. Rejects with an ApiError, or as the signal says. */
  read(address: string, reader: Reader): Promise<void> {
    if (this.isOver) return Promise.reject(new ApiError(UNREACHABLE, 14, CUT));
    clearTimeout(this.idle);
    this.next += 1;
    const number = this.next;
    return new Promise<void>((resolve, reject) => {
      const leave = () => this.finish(number, () => reject(reader.signal.reason), true);
      const over = (then: () => void) => {
        reader.signal.removeEventListener('abort', leave);
        then();
      };
      this.readers.set(number, {
        ...reader,
        done: () => over(resolve),
        failed: (error) => over(() => reject(error)),
      });
      reader.signal.addEventListener('abort', leave);
      this.heard = Date.now();
      this.say({ open: number, address });
    });
  }

  close(): void {
    this.socket.onclose = null;
    this.socket.onmessage = null;
    this.socket.close();
    this.over(new ApiError(UNREACHABLE, 14, CUT));
  }

  private hear(data: string): void {
    this.heard = Date.now();
    if (data.startsWith('{')) {
      this.told(headOf(data));
      return;
    }
    const end = data.indexOf('\n');
    this.tell(Number(data.slice(0, end)), (reader) => reader.onText(data.slice(end + 1)));
  }

  private told({ hello, stream = 0, status, body, end }: Head): void {
    if (hello) {
      this.isGreeted = true;
      this.settle(true);
    } else if (end) this.finish(stream, (reader) => reader.done());
    else if (status === 200) this.tell(stream, (reader) => reader.onOpen());
    else if (status) this.finish(stream, (reader) => reader.failed(refusalOf(status, body ?? '')));
  }

  /** What a reader throws ends its stream, and no other. */
  private tell(number: number, say: (reader: Waiting) => void): void {
    const reader = this.readers.get(number);
    if (!reader) return;
    try {
      say(reader);
    } catch (error) {
      this.finish(number, () => reader.failed(error), true);
    }
  }

  private finish(number: number, say: (reader: Waiting) => void, isOurs = false): void {
    const reader = this.readers.get(number);
    if (!reader) return;
    this.readers.delete(number);
    if (isOurs) this.say({ close: number });
    if (this.readers.size === 0 && !this.isOver) this.idle = setTimeout(() => this.close(), IDLE);
    say(reader);
  }

  private watch(): void {
    if (this.readers.size > 0 && Date.now() - this.heard > QUIET) this.close();
  }

  private say(message: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private over(error: ApiError): void {
    if (this.isOver) return;
    this.isOver = true;
    if (current === this) current = null;
    for (const timer of this.timers) clearInterval(timer);
    clearTimeout(this.idle);
    this.unsubscribe();
    this.settle(false);
    if (error.isSessionEnd) session.ended();
    const readers = [...this.readers.values()];
    this.readers.clear();
    for (const reader of readers) reader.failed(error);
  }
}

function headOf(data: string): Head {
  try {
    return JSON.parse(data) as Head;
  } catch {
    return {};
  }
}

function failureOf(code: number, reason: string): ApiError {
  if (code <= CLOSED) return new ApiError(UNREACHABLE, 14, CUT);
  return new ApiError(code - CLOSED, code === CLOSED + 401 ? 16 : 2, reason || CUT);
}

function refusalOf(status: number, body: string): ApiError {
  const error = described(status, '', body);
  if (error.isSessionEnd) session.ended();
  return error;
}
