import { afterEach, describe, expect, it, vi } from 'vitest';
import { Draft } from '@/kubernetes/draft';
import { whoOf } from './use_who';
import { differences, editable, isSame, OvertakenError, onTop, written } from './written';

const app = (spec: object, version = '1', annotations: Record<string, string> = {}) => ({
  metadata: { name: 'web', namespace: 'argocd', resourceVersion: version, annotations },
  spec: { project: 'default', ...spec },
  status: { reconciledAt: version },
});

interface Sent {
  method: string;
  match: string | null;
  body: { metadata?: { annotations?: unknown }; spec?: unknown };
}

/** A server that answers one after another, and what it was sent. */
function server(...answers: [number, unknown][]): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    sent.push({
      method: init.method ?? '',
      match: headers.get('If-Match'),
      body: init.body ? (JSON.parse(String(init.body)) as Sent['body']) : {},
    });
    const [status, answer] = answers.shift() ?? [500, { message: 'asked too often' }];
    return new Response(JSON.stringify(answer), { status });
  });
  return sent;
}

afterEach(() => vi.unstubAllGlobals());

describe('what is edited of an application', () => {
  it('is neither its status nor the marks that come and go', () => {
    const marked = app({}, '2', { 'argocd.argoproj.io/refresh': 'normal' });
    expect(isSame(editable(app({})), editable(marked))).toBe(true);
    expect(isSame(editable(app({})), editable(app({}, '2', { mine: '1' })))).toBe(false);
  });
});

describe('saving', () => {
  const begun = editable(app({}));
  const draft = Draft.of(begun).exactly(['spec', 'revisionHistoryLimit'], 3);

  it('is meant for the newest version, and goes on while only the status moves', async () => {
    const sent = server(
      [200, app({}, '7')],
      [409, { message: 'changed', code: 10 }],
      [200, app({}, '8', { 'argocd.argoproj.io/refresh': 'normal' })],
      [200, app({ revisionHistoryLimit: 3 }, '9')],
    );
    await written(begun, draft, app({}));
    expect(sent.map((one) => [one.method, one.match])).toEqual([
      ['GET', null],
      ['PUT', '"7"'],
      ['GET', null],
      ['PUT', '"8"'],
    ]);
    expect(sent[3]?.body.metadata?.annotations).toEqual({ 'argocd.argoproj.io/refresh': 'normal' });
  });

  it('stops when somebody else changed the application', async () => {
    const sent = server([200, app({ revisionHistoryLimit: 5 }, '7')]);
    await expect(written(begun, draft, app({}))).rejects.toBeInstanceOf(OvertakenError);
    expect(sent).toHaveLength(1);
  });
});

describe('what somebody else changed', () => {
  const begun = editable(app({ source: { path: 'a', targetRevision: 'main' } }));
  const theirs = editable(app({ source: { path: 'b', targetRevision: 'v2' }, info: [{ name: 'x', value: 'y' }] }));
  const draft = Draft.parse(`# why\n${Draft.of(begun).text}`).exactly(['spec', 'source', 'path'], 'mine');

  it('is told beside what was there and what I wrote', () => {
    expect(differences(begun, draft.object(), theirs).map((one) => [one.path.join('.'), one.isConflict])).toEqual([
      ['spec.source.path', true],
      ['spec.source.targetRevision', false],
      ['spec.info', false],
    ]);
  });

  it('stays below mine, and my comments too', () => {
    const made = onTop(begun, draft, theirs);
    expect(made.text.startsWith('# why\n')).toBe(true);
    expect(made.get(['spec', 'source'])).toEqual({ path: 'mine', targetRevision: 'v2' });
    expect(made.get(['spec', 'info'])).toEqual([{ name: 'x', value: 'y' }]);
  });
});

describe('who it was', () => {
  const event = (version: string, message: string, reason = 'ResourceUpdated') => ({
    reason,
    message,
    involvedObject: { resourceVersion: version },
  });

  it('is told by the newest event after the version that was edited', () => {
    const events = [
      event('5', 'ann updated application spec'),
      event('9', 'bob updated application spec'),
      event('11', 'Health changed', 'Progressing'),
    ];
    expect(whoOf(events, '4')).toBe('bob');
    expect(whoOf(events, '9')).toBe('');
    expect(whoOf([], '1')).toBe('');
  });
});
