/**
 * Reading the text of a stream: over the tab's WebSocket, or by a fetch where something in between lets none through.
 *
 * The invariant: what is fetched moves to the WebSocket as soon as there is one, since what is fetched takes one of the few
 * connections that all tabs share.
 */
import { Carrier, carrier, type Reader } from './carrier';
import { answerOf, type Query, refusal, requestAddress, requestPath } from './client';

export interface StreamReader extends Omit<Reader, 'onOpen'> {
  /** `isCarried`: it takes none of the connections that tabs share. */
  onOpen: (isCarried: boolean) => void;
}

/** The stream is to be opened anew: it can be carried now. */
export class MovedError extends Error {
  override readonly name = 'MovedError';
}

/** Milliseconds until it is tried again whether a WebSocket is let through; ever longer. */
export const TRY_AGAIN = { first: 2_000, longest: 300_000 };

/** Read a stream to its end. Rejects with an ApiError, a MovedError, or as the signal says. */
export async function readStream(path: string, query: Query, reader: StreamReader): Promise<void> {
  const address = requestPath(path, query);
  const isCarriable = Carrier.takes(address);
  const found = isCarriable && !shunned.isNow ? await carrier() : null;
  reader.signal.throwIfAborted();
  if (found) {
    await found.read(address, { ...reader, onOpen: () => reader.onOpen(true) });
    return;
  }
  const move = new AbortController();
  try {
    await fetched(requestAddress(path, query), path, {
      onText: reader.onText,
      signal: AbortSignal.any([reader.signal, move.signal]),
      onOpen: () => {
        if (isCarriable) shunned.follow(move);
        reader.onOpen(false);
      },
    });
  } finally {
    shunned.forget(move);
  }
}

/** Characters that are taken at once, before a page may do something else: a WebSocket's messages are as long. */
const PIECE = 128 << 10;

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

async function fetched(address: string, path: string, { signal, onOpen, onText }: Reader): Promise<void> {
  const response = await answerOf(address, {
    headers: { Accept: 'text/event-stream' },
    credentials: 'same-origin',
    cache: 'no-store',
    signal,
  });
  if (!response.ok || response.body === null) throw await refusal(response, path);
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    for (let at = 0; at < part.value.length; at += PIECE) {
      if (at > 0) await pause();
      signal.throwIfAborted();
      onText(part.value.slice(at, at + PIECE));
    }
  }
}

/** Looks from time to time whether WebSockets are let through, while something is fetched in their stead. */
class Shunned {
  private readonly moves = new Set<AbortController>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = TRY_AGAIN.first;

  /** Whether it was found out lately that none is. */
  get isNow(): boolean {
    return this.timer !== undefined;
  }

  /** A fetch was answered that no WebSocket was let through for. */
  follow(move: AbortController): void {
    this.moves.add(move);
    this.timer ??= setTimeout(this.look, this.pause);
  }

  forget(move: AbortController): void {
    this.moves.delete(move);
  }

  private readonly look = async (): Promise<void> => {
    const isThrough = this.moves.size > 0 && (await carrier()) !== null;
    this.timer = undefined;
    if (isThrough || this.moves.size === 0) {
      this.pause = TRY_AGAIN.first;
      for (const move of this.moves) move.abort(new MovedError('A WebSocket is let through.'));
      return;
    }
    this.pause = Math.min(this.pause * 2, TRY_AGAIN.longest);
    this.timer = setTimeout(this.look, this.pause);
  };
}

const shunned = new Shunned();
