import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dropCarrier, HANDSHAKE, IDLE, QUIET } from './carrier';
import type { ApiError } from './errors';
import { TRY_AGAIN } from './reading';
import { session } from './session';
import { HIDDEN, openStream, type Stream, type StreamState } from './stream';

/** What lets WebSockets through, or does not; all that are opened. */
const sockets: Socket[] = [];
let way: 'open' | 'refused' | 'swallowed' = 'open';

class Socket {
  static readonly OPEN = 1;
  readyState = 0;
  readonly said: { open?: number; close?: number; address?: string }[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(readonly address: URL) {
    sockets.push(this);
    const made = way;
    setTimeout(() => {
      if (made === 'refused') this.cut();
      else this.readyState = 1;
      if (made === 'open') this.tell('{"hello":1}');
    });
  }

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  tell(data: string): void {
    this.onmessage?.({ data });
  }

  cut(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** The numbers of the streams that are open. */
  get open(): readonly number[] {
    const closed = this.said.map((one) => one.close);
    return this.said.flatMap((one) => (one.open && !closed.includes(one.open) ? [one.open] : []));
  }
}

interface Followed {
  stream: Stream;
  events: unknown[];
  states: StreamState[];
  error: ApiError | null;
}

const followed: Followed[] = [];
let fetched: string[];

async function follow(path: string): Promise<Followed> {
  const one = { events: [], states: [], error: null } as unknown as Followed;
  one.stream = openStream(
    path,
    {},
    {
      onEvent: (event) => one.events.push(event),
      onState: (state, error) => {
        one.states.push(state);
        one.error = error;
      },
    },
  );
  followed.push(one);
  await pass(10);
  return one;
}

function pass(milliseconds: number): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(milliseconds);
}

function last(): Socket {
  const found = sockets.at(-1);
  if (!found) throw new Error('No WebSocket was opened.');
  return found;
}

beforeEach(() => {
  vi.useFakeTimers();
  way = 'open';
  sockets.length = 0;
  fetched = [];
  vi.stubGlobal('WebSocket', Socket);
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    fetched.push(address);
    if (way === 'open') throw new TypeError('Failed to fetch');
    const body = new ReadableStream({
      start: (controller) => init.signal?.addEventListener('abort', () => controller.error(init.signal?.reason)),
    });
    return new Response(body, { status: 200 });
  });
});

afterEach(async () => {
  for (const one of followed.splice(0)) one.stream.close();
  dropCarrier();
  await pass(2 * TRY_AGAIN.longest);
  vi.useRealTimers();
  vi.unstubAllGlobals();
  session.left();
});

describe('the streams of a tab', () => {
  test('share one WebSocket, and each is told its own', async () => {
    const a = await follow('/api/v1/stream/a');
    const b = await follow('/api/v1/stream/b');
    expect(sockets).toHaveLength(1);
    expect(last().address.href).toMatch(/^ws:.*\/api\/v1\/streams$/);
    expect(last().said).toEqual([
      { open: 1, address: '/api/v1/stream/a' },
      { open: 2, address: '/api/v1/stream/b' },
    ]);
    expect([a.states, b.states]).toEqual([['connecting'], ['connecting']]);
    last().tell('{"stream":2,"status":200}');
    last().tell('2\ndata: {"type":"B"}\n\n');
    last().tell('{"stream":1,"status":200}');
    last().tell('1\nid: x-7\ndata: {"type":"A"}\n\ndata: {"type":');
    last().tell('1\n"AA"}\n\n');
    expect([a.events, b.events]).toEqual([[{ type: 'A' }, { type: 'AA' }], [{ type: 'B' }]]);
    expect([a.states.at(-1), b.states.at(-1), fetched]).toEqual(['live', 'live', []]);
    a.stream.close();
    expect(last().open).toEqual([2]);
  });

  test('are closed with it when it is cut, and come back over another', async () => {
    const a = await follow('/api/v1/stream/a');
    last().tell('{"stream":1,"status":200}');
    last().tell('1\nid: x-7\ndata: {"type":"A"}\n\n');
    last().cut(1001);
    await pass(1);
    expect(a.states.at(-1)).toBe('reconnecting');
    await pass(1_000);
    expect(last().said).toEqual([{ open: 1, address: '/api/v1/stream/a?lastEventId=x-7' }]);
    expect(sockets).toHaveLength(2);
  });

  test('are refused one by one, with the words of the server', async () => {
    const a = await follow('/api/v1/stream/a');
    const b = await follow('/api/v1/stream/b');
    last().tell('{"stream":1,"status":403,"body":"{\\"message\\":\\"permission denied\\",\\"code\\":7}"}');
    last().tell('{"stream":2,"status":200}');
    await pass(1);
    expect([a.states.at(-1), a.error?.message, b.states.at(-1)]).toEqual(['refused', 'permission denied', 'live']);
  });

  test('end with what is told of one of them only where it is theirs', async () => {
    const a = await follow('/api/v1/stream/a');
    const b = await follow('/api/v1/stream/b');
    for (const one of [1, 2]) last().tell(`{"stream":${one},"status":200}`);
    last().tell('1\ndata: nonsense\n\n');
    last().tell('nonsense');
    last().tell('{nonsense');
    last().tell('{"stream":9,"status":200}');
    await pass(1);
    expect([a.states.at(-1), b.states.at(-1)]).toEqual(['reconnecting', 'live']);
    expect(last().open).toEqual([2]);
  });

  test('end with the session', async () => {
    session.opened();
    const a = await follow('/api/v1/stream/a');
    last().tell('{"stream":1,"status":200}');
    last().cut(4401, 'invalid session');
    await pass(1);
    expect([session.state, a.states.at(-1), a.error?.message]).toEqual(['ended', 'refused', 'invalid session']);
    await pass(60_000);
    expect([sockets.length, fetched.length]).toEqual([1, 0]);
    session.opened();
    await pass(10);
    expect([sockets.length, last().open]).toEqual([2, [1]]);
  });

  test('leave a connection that says nothing', async () => {
    const a = await follow('/api/v1/stream/a');
    last().tell('{"stream":1,"status":200}');
    await pass(QUIET / 2);
    last().tell('1\n:\n\n');
    await pass(QUIET / 2);
    expect(a.states.at(-1)).toBe('live');
    await pass(QUIET);
    expect(a.states).toContain('reconnecting');
    expect(sockets).toHaveLength(2);
  });

  test('are the only reason for a connection', async () => {
    const a = await follow('/api/v1/stream/a');
    a.stream.close();
    await pass(IDLE + 1);
    expect(last().readyState).toBe(3);
  });

  test('come from a fetch where no WebSocket is let through, and are given up sooner by hidden tabs', async () => {
    way = 'refused';
    const a = await follow('/api/v1/stream/a');
    expect([a.states.at(-1), fetched]).toEqual(['live', ['/api/v1/stream/a']]);
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(HIDDEN.fetched);
    expect(a.states.at(-1)).toBe('paused');
  });

  test('rest in a hidden tab in time, however often they are cut meanwhile', async () => {
    const a = await follow('/api/v1/stream/a');
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    for (let cut = 0; cut < 5; cut++) {
      last().tell(`{"stream":${last().open[0]},"status":200}`);
      await pass(HIDDEN.carried / 6);
      last().cut();
      await pass(1_000);
    }
    await pass(HIDDEN.carried / 6);
    expect(a.states.at(-1)).toBe('paused');
  });

  test('come from a fetch where a WebSocket is swallowed, and do not wait for the next one', async () => {
    way = 'swallowed';
    const a = await follow('/api/v1/stream/a');
    expect(fetched).toEqual([]);
    await pass(HANDSHAKE);
    expect(a.states.at(-1)).toBe('live');
    const b = await follow('/api/v1/stream/b');
    expect(b.states.at(-1)).toBe('live');
    expect(sockets).toHaveLength(1);
  });

  test('move to a WebSocket as soon as one is let through, and are live all the while', async () => {
    way = 'refused';
    const a = await follow('/api/v1/stream/a');
    way = 'open';
    await pass(TRY_AGAIN.first + 10);
    last().tell('{"stream":1,"status":200}');
    expect(a.states).toEqual(['connecting', 'live', 'live']);
    expect([last().open, fetched.length]).toEqual([[1], 1]);
  });
});
