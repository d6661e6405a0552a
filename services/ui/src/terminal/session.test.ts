import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Ending, piecesOf, refusalWords, Session } from './session';

class Line {
  static readonly OPEN = 1;
  static last: Line;
  readyState = 0;
  sent: unknown[] = [];
  onopen: () => void = () => {};
  onmessage: (event: { data: string }) => void = () => {};
  onclose: (event: { code: number; reason: string }) => void = () => {};

  constructor(
    readonly address: URL,
    readonly protocols: string[],
  ) {
    Line.last = this;
  }

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.onclose({ code: 1005, reason: '' });
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }
}

let output: string[];
let endings: Ending[];

function begun(): Session {
  return new Session('pod=a', {
    onOpen: () => {},
    onOutput: (text) => output.push(text),
    onEnd: (ending) => endings.push(ending),
  });
}

beforeEach(() => {
  output = [];
  endings = [];
  vi.stubGlobal('WebSocket', Line);
});

describe('a terminal', () => {
  test('carries what is typed and shown', () => {
    const session = begun();
    session.write('too early');
    Line.last.open();
    session.resize(24, 80);
    session.write('ls\r');
    Line.last.onmessage({ data: '{"operation":"stdout","data":"a b"}' });
    Line.last.onmessage({ data: 'nonsense' });
    expect(Line.last.sent).toEqual([
      { operation: 'resize', rows: 24, cols: 80 },
      { operation: 'stdin', data: 'ls\r' },
    ]);
    expect(output).toEqual(['a b']);
    expect(Line.last.address.pathname).toBe('/terminal');
    expect(Line.last.protocols).toEqual(['words.fairlead.dev']);
  });

  test.each([
    [1000, '', 'The shell has ended.'],
    [1006, '', 'The connection was cut.'],
    [4401, 'permission denied: exec, create', 'permission denied: exec, create.'],
  ])('says why it ended with %i', async (code, reason, words) => {
    begun();
    Line.last.open();
    Line.last.onclose({ code, reason });
    await vi.waitFor(() => expect(endings).toEqual([{ words, isRenewed: false }]));
  });

  test('is opened anew when the session of its reader was renewed', async () => {
    begun();
    Line.last.open();
    Line.last.onmessage({ data: '{"Code":1}' });
    Line.last.onclose({ code: 1000, reason: '' });
    await vi.waitFor(() => expect(endings[0]?.isRenewed).toBe(true));
  });

  test('asks what the browser does not say of a refused handshake', async () => {
    vi.stubGlobal('fetch', async () => new Response('Invalid token', { status: 401 }));
    begun();
    Line.last.onclose({ code: 1006, reason: '' });
    await vi.waitFor(() => expect(endings[0]?.words).toContain('Log in again'));
  });

  test('says nothing when it was closed from here', () => {
    begun().close();
    expect(endings).toEqual([]);
  });
});

test('a long paste goes in pieces that no character is cut by', () => {
  const pieces = piecesOf('ab😀cd', 3);
  expect(pieces).toEqual(['ab', '😀c', 'd']);
  expect(piecesOf('')).toEqual([]);
});

test('a refusal is told in words', () => {
  expect(refusalWords(404, '')).toBe('Terminals are switched off.');
  expect(refusalWords(400, 'container find running')).toContain('does not run');
  expect(refusalWords(429, 'too many terminals are open; close some')).toBe('too many terminals are open; close some.');
});
