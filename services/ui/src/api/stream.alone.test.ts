import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ApiError } from './errors';
import { session } from './session';
import { BACK_OFF, HIDDEN, openStream, REFUSED_PAUSE, SILENCE, type Stream, type StreamState } from './stream';

/** A server of streams whose every answer the test gives. */
class Server {
  readonly asked: string[] = [];
  private open: ReadableStreamDefaultController<Uint8Array>[] = [];
  refusal: Response | null = null;
  isDown = false;

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    this.asked.push(address);
    if (this.isDown) throw new TypeError('Failed to fetch');
    if (this.refusal) return this.refusal.clone();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.open.push(controller);
        init.signal?.addEventListener('abort', () => {
          this.open = this.open.filter((one) => one !== controller);
          try {
            controller.error(init.signal?.reason);
          } catch {
            // Closed before.
          }
        });
      },
    });
    return new Response(body, { status: 200 });
  };

  get streams(): number {
    return this.open.length;
  }

  say(text: string): Promise<unknown> {
    for (const one of this.open) one.enqueue(new TextEncoder().encode(text));
    return vi.advanceTimersByTimeAsync(1);
  }

  end(): Promise<unknown> {
    for (const one of this.open) one.close();
    this.open = [];
    return vi.advanceTimersByTimeAsync(1);
  }

  cut(): Promise<unknown> {
    for (const one of this.open) one.error(new TypeError('network error'));
    this.open = [];
    return vi.advanceTimersByTimeAsync(1);
  }
}

let server: Server;
let events: unknown[];
let states: StreamState[];
let heard: (number | undefined)[];
let last: ApiError | null;
let stream: Stream | undefined;

async function start(once = false): Promise<void> {
  stream = openStream(
    '/api/v1/stream/x',
    { limit: 5 },
    {
      once,
      onEvent: (event) => events.push(event),
      onState: (state, error, until) => {
        states.push(state);
        heard.push(until);
        last = error;
      },
    },
  );
  await vi.advanceTimersByTimeAsync(1);
}

function hide(isHidden: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden);
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  events = [];
  states = [];
  heard = [];
  last = null;
  vi.stubGlobal('fetch', server.fetch);
  vi.stubGlobal('WebSocket', null); // nothing lets one through
});

afterEach(() => {
  stream?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  session.left();
});

describe('a stream', () => {
  test('tells events as they come, however they are cut into pieces', async () => {
    await start();
    await server.say(': hello\n\ndata: {"result":{"a":1}}\n\nda');
    await server.say('ta: {"type":"WINDOW","n":2}\r\n\r\nid: 7\ndata: {"type":');
    await server.say('"X"}\n');
    expect(events).toEqual([{ a: 1 }, { type: 'WINDOW', n: 2 }]);
    await server.say('\n');
    expect(events[2]).toEqual({ type: 'X' });
    expect(states).toEqual(['connecting', 'live']);
    expect(session.state).toBe('open');
  });

  test('comes back after a cut and says what it had heard last', async () => {
    await start();
    await server.say('id: abc-4\ndata: {"type":"A"}\n\n');
    await server.cut();
    expect(states.at(-1)).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(BACK_OFF.first);
    expect(server.asked).toEqual(['/api/v1/stream/x?limit=5', '/api/v1/stream/x?limit=5&lastEventId=abc-4']);
    expect(states.at(-1)).toBe('live');
  });

  test('tries ever more rarely while the server is down, and at once when the network is back', async () => {
    server.isDown = true;
    await start();
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = server.asked.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(15);
    server.isDown = false;
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(1);
    expect(states.at(-1)).toBe('live');
  });

  test('that is silent for longer than the server ever is counts as cut', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(SILENCE - 5_000);
    await server.say(':\n\n');
    await vi.advanceTimersByTimeAsync(SILENCE - 5_000);
    expect(states.at(-1)).toBe('live');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states.at(-1)).toBe('reconnecting');
  });

  test('that is refused says why and asks again from time to time, for rights come back', async () => {
    server.refusal = new Response('{"message":"permission denied","code":7}', { status: 403 });
    await start();
    expect([states.at(-1), last?.message]).toEqual(['refused', 'permission denied']);
    await vi.advanceTimersByTimeAsync(REFUSED_PAUSE - 1_000);
    expect(server.asked).toHaveLength(1);
    server.refusal = null;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(states.at(-1)).toBe('live');
  });

  test('whose last words are an error is ended by it', async () => {
    await start();
    await server.say('data: {"error":{"grpc_code":7,"http_code":403,"message":"permission denied"}}\n\n');
    expect([states.at(-1), last?.status]).toEqual(['refused', 403]);
  });

  test('waits for a new login after the session ended, and goes on then', async () => {
    session.opened();
    server.refusal = new Response('{"message":"invalid session","code":16}', { status: 401 });
    await start();
    expect(session.state).toBe('ended');
    await vi.advanceTimersByTimeAsync(10 * REFUSED_PAUSE);
    expect(server.asked).toHaveLength(1);
    server.refusal = null;
    session.opened();
    await vi.advanceTimersByTimeAsync(1);
    expect(states.at(-1)).toBe('live');
  });

  test('rests in a tab that is hidden and goes on when it is seen', async () => {
    await start();
    hide(true);
    await vi.advanceTimersByTimeAsync(HIDDEN.fetched / 2);
    await server.say(':\n\n');
    await vi.advanceTimersByTimeAsync(HIDDEN.fetched / 2);
    expect([states.at(-1), server.streams]).toEqual(['paused', 0]);
    hide(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([states.at(-1), server.streams]).toEqual(['live', 1]);
  });

  test('knows that it died while the machine slept, and until when it was true', async () => {
    await start();
    const before = Date.now();
    vi.setSystemTime(before + 8 * 3_600_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states).toEqual(['connecting', 'live', 'reconnecting', 'live']);
    expect(heard.filter((one) => one !== undefined)).toEqual([expect.closeTo(before, -4)]);
  });

  test('that has an end is ended by it, and not by silence', async () => {
    await start(true);
    await server.say('data: {"result":{"line":1}}\n\n');
    await vi.advanceTimersByTimeAsync(SILENCE);
    expect([states.at(-1), last?.message]).toEqual(['reconnecting', 'Nothing was heard of the server for 40 s.']);
    await vi.advanceTimersByTimeAsync(BACK_OFF.first);
    expect(states.at(-1)).toBe('live');
    await server.end();
    expect(states.at(-1)).toBe('ended');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(2);
  });

  test('that was closed is silent', async () => {
    await start();
    stream?.close();
    expect(server.streams).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(1);
    expect(states).toEqual(['connecting', 'live']);
  });

  test('of nonsense is opened anew', async () => {
    await start();
    await server.say('data: nonsense\n\n');
    expect(states.at(-1)).toBe('reconnecting');
  });
});
