import { describe, expect, it } from 'vitest';
import { Draft } from '../../kubernetes/draft';
import { beginning, draftOf, linkOf, MAX_LINK } from './link';
import { nameProblem, placeOf, problemsOf, worded, wordsAt } from './soundness';

const SOUND = Draft.of({
  metadata: { name: 'cart' },
  spec: {
    project: 'shop',
    destination: { server: 'https://kubernetes.default.svc', namespace: 'cart' },
    source: { repoURL: 'https://git/x', path: 'apps/cart' },
  },
});

describe('a link to a new application', () => {
  it('begins with an empty form when it says nothing', () => {
    for (const link of [null, '', 'true', '{broken', '[1]', 'x'.repeat(MAX_LINK + 1)]) {
      expect(draftOf(link).object()).toEqual(beginning());
    }
  });

  it('begins with what it says, and takes no status along', () => {
    const link = JSON.stringify({
      metadata: { name: 'cart' },
      spec: { source: { repoURL: 'https://git/x' } },
      status: { sync: {} },
      operation: {},
    });
    const draft = draftOf(link);
    expect(draft.string(['metadata', 'name'])).toBe('cart');
    expect(draft.string(['spec', 'project'])).toBe('default');
    expect(draft.string(['spec', 'source', 'targetRevision'])).toBe('HEAD');
    expect(draft.object()).not.toHaveProperty('status');
    expect(draft.object()).not.toHaveProperty('operation');
  });

  it('with several sources has no single one', () => {
    const draft = draftOf(JSON.stringify({ spec: { sources: [{ repoURL: 'a' }, { repoURL: 'b' }] } }));
    expect(draft.get(['spec', 'source'])).toBeUndefined();
    expect(draft.list(['spec', 'sources'])).toHaveLength(2);
  });

  it('can be made of a draft again', () => {
    const link = new URLSearchParams(linkOf(SOUND).split('?')[1]).get('new');
    expect(draftOf(link).get(['spec', 'source', 'path'])).toBe('apps/cart');
  });
});

describe('what is said before the server is asked', () => {
  it('is nothing of a sound application', () => {
    expect(problemsOf(SOUND)).toEqual([]);
  });

  it.each(['Cart', '-a', 'a-', 'a_b', 'a..b', '', 'x'.repeat(254), 'ünï'])('does not take %j for a name', (name) => {
    expect(nameProblem(name)).not.toBe('');
  });

  it.each(['a', 'cart-2', 'a.b', '9'])('takes %j for a name', (name) => {
    expect(nameProblem(name)).toBe('');
  });

  it.each([
    [['spec', 'destination', 'name'], 'prod', ['spec', 'destination'], 'not both'],
    [['spec', 'destination', 'server'], '', ['spec', 'destination'], 'Choose the cluster'],
    [['spec', 'source', 'repoURL'], '', ['spec', 'source', 'repoURL'], 'Name the repository'],
    [['spec', 'source', 'path'], '', ['spec', 'source', 'path'], 'Choose a path'],
    [['spec', 'source', 'path'], '/abs', ['spec', 'source', 'path'], 'without a /'],
    [['spec', 'source', 'path'], 'a/../..', ['spec', 'source', 'path'], 'lead out'],
    [['spec', 'source', 'chart'], 'web', ['spec', 'source', 'targetRevision'], 'needs a version'],
  ])('%j = %j is said at %j', (path, value, where, words) => {
    expect(wordsAt(problemsOf(SOUND.with(path, value, 2)), where)).toContain(words);
  });

  it('is the double name of a source and two tools of one', () => {
    const many = Draft.of({
      ...SOUND.object(),
      spec: {
        ...SOUND.map(['spec']),
        sources: [
          { repoURL: 'a', path: '.', name: 'x', helm: { values: 'a: 1' }, kustomize: { namePrefix: 'p' } },
          { repoURL: 'b', ref: 'v', name: 'x' },
        ],
      },
    });
    const problems = problemsOf(many);
    expect(wordsAt(problems, ['spec', 'sources', 1, 'name'])).toContain('already');
    expect(wordsAt(problems, ['spec', 'sources', 0])).toContain('Only one of');
  });
});

describe('what a form cannot put into the document', () => {
  it('is a problem until it can, or the form is gone', () => {
    const path = ['spec', 'info'];
    const unread = SOUND.unreadAt(path, 'a list is not closed');
    expect(wordsAt(problemsOf(unread), path)).toContain('cannot be read: a list is not closed');
    expect(problemsOf(unread.exactly(['spec', 'project'], 'other'))).toHaveLength(1);
    expect(problemsOf(unread.unreadAt(path, ''))).toEqual([]);
    expect(problemsOf(unread.forgetful())).toEqual([]);
  });

  it('is nothing of a source where a hydrator says the source', () => {
    const draft = Draft.of({
      ...SOUND.object(),
      spec: { ...SOUND.map(['spec']), source: undefined, sourceHydrator: {} },
    });
    expect(problemsOf(draft)).toEqual([]);
  });
});

describe("the server's words", () => {
  const many = Draft.of({
    spec: {
      sources: [
        { repoURL: 'https://git/a', path: 'one' },
        { repoURL: 'https://git/b', path: 'two' },
      ],
    },
  });

  it.each([
    ['app is not allowed in project "x", or the project does not exist', ['spec', 'project']],
    ['existing application spec is different, use upsert flag to force update', ['metadata', 'name']],
    [
      "application spec for a is invalid: InvalidSpecError: application destination server 's' and namespace 'n' do not match any of the allowed destinations in project 'p'",
      ['spec', 'destination'],
    ],
    ["application repo https://git/b is not permitted in project 'p'", ['spec', 'sources', 1, 'repoURL']],
    [
      'Unable to generate manifests in two: rpc error: code = Unknown desc = two: app path does not exist',
      ['spec', 'sources', 1, 'path'],
    ],
    ["unable to resolve 'v9' to a commit SHA", ['spec', 'sources', 0, 'targetRevision']],
    [
      'not a readable Application: Expected `int`, got `str` - at `$.spec.revisionHistoryLimit`',
      ['spec', 'revisionHistoryLimit'],
    ],
    [
      'not a readable Application: Expected `str`, got `int` - at `$.spec.sources[1].ref`',
      ['spec', 'sources', 1, 'ref'],
    ],
    ['something else entirely', []],
  ])('%j belong to their field', (message, path) => {
    expect(placeOf(message, many)).toEqual(path);
  });

  it('are told without the words of the wire', () => {
    expect(
      worded(
        'application spec for a is invalid: InvalidSpecError: Unable to generate manifests in x: rpc error: code = Unknown desc = x: app path does not exist',
      ),
    ).toBe('Unable to generate manifests in x: x: app path does not exist');
    expect(worded('not a readable Application: Expected `int | null`, got `str` - at `$.spec.x`')).toBe(
      'a whole number is expected, not a text.',
    );
  });
});
