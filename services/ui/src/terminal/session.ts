/**
 * One shell over the server's WebSocket.
 *
 * The invariant: it is told once why it ended, in words, whether it was refused, ended by itself or was cut.
 */
import { addressOf } from '@/api/base';

/** Who asks for this subprotocol is told in the close of the line why it was refused. */
const WORDS = 'words.fairlead.dev';
/** Closes with this and an HTTP status are refusals. */
const CLOSED = 4000;
/** Characters of one message; a server takes 256 KiB. */
const PIECE = 32 * 1024;
/** The server's frame that asks for a new connection, after the session of the reader was renewed. */
const RENEWED = 1;

export interface Ending {
  readonly words: string;
  /** Whether a new one is to be opened at once. */
  readonly isRenewed: boolean;
}

export interface SessionOptions {
  readonly onOpen: () => void;
  readonly onOutput: (text: string) => void;
  readonly onEnd: (ending: Ending) => void;
}

export class Session {
  private readonly line: WebSocket;
  private isOpen = false;
  private isRenewed = false;
  private isOver = false;

  constructor(
    private readonly query: string,
    private readonly options: SessionOptions,
  ) {
    const address = new URL(`${addressOf('/terminal')}?${query}`, window.location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    this.line = new WebSocket(address, [WORDS]);
    this.line.onopen = () => {
      this.isOpen = true;
      options.onOpen();
    };
    this.line.onmessage = ({ data }) => this.take(data);
    this.line.onclose = (event) => void this.ended(event);
  }

  write(text: string): void {
    for (const data of piecesOf(text)) this.send({ operation: 'stdin', data });
  }

  resize(rows: number, cols: number): void {
    this.send({ operation: 'resize', rows, cols });
  }

  /** Ends the shell; nothing more is told. */
  close(): void {
    this.isOver = true;
    this.line.close();
  }

  private send(message: object): void {
    if (this.line.readyState === WebSocket.OPEN) this.line.send(JSON.stringify(message));
  }

  private take(data: unknown): void {
    const frame = read(data);
    if (frame.Code === RENEWED) this.isRenewed = true;
    else if (frame.operation === 'stdout' && typeof frame.data === 'string') this.options.onOutput(frame.data);
  }

  private async ended(event: CloseEvent): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    const words = await this.why(event);
    this.options.onEnd({ words, isRenewed: this.isRenewed });
  }

  private async why({ code, reason }: CloseEvent): Promise<string> {
    if (code >= CLOSED) return refusalWords(code - CLOSED, reason);
    if (this.isOpen) return code === 1000 ? 'The shell has ended.' : 'The connection was cut.';
    return asked(this.query);
  }
}

interface Frame {
  readonly operation?: unknown;
  readonly data?: unknown;
  readonly Code?: unknown;
}

function read(data: unknown): Frame {
  try {
    const found: unknown = JSON.parse(String(data));
    return typeof found === 'object' && found !== null ? found : {};
  } catch {
    return {};
  }
}

/** A long text in messages that a server takes, none of which begins or ends within a character. */
export function piecesOf(text: string, length = PIECE): readonly string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + length, text.length);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last <= 0xdbff) to--;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

/** A browser does not say how a handshake was answered: the same question without one is. */
async function asked(query: string): Promise<string> {
  try {
    const response = await fetch(`${addressOf('/terminal')}?${query}`, { cache: 'no-store' });
    return refusalWords(response.status, (await response.text()).slice(0, 300));
  } catch {
    return 'The server cannot be reached.';
  }
}

const NO_SESSION = new Set(['Auth cookie not found', 'Invalid token']);

export function refusalWords(status: number, said: string): string {
  const words = said.trim();
  if (NO_SESSION.has(words)) return 'Your session has ended. Log in again, then open a new shell.';
  if (status === 404) return words ? `${words}.` : 'Terminals are switched off.';
  if (words === 'container find running') return 'This container does not run, or the pod has none of this name.';
  if (words === 'Failed to start terminal session' || words === '') return 'The connection was cut before it began.';
  return words.endsWith('.') ? words : `${words}.`;
}
