import { describe, expect, it } from 'vitest';
import { Draft, MAX_TEXT } from './draft';

const TEXT = `# who asks: the shop
metadata:
  name: cart # never rename
spec:
  project: shop
  unknown: {kept: true}
  source:
    repoURL: https://git.example/shop
    # the chart's values
    helm:
      values: |
        a: 1
`;

describe('a draft', () => {
  it('keeps comments, order and unknown fields when a field is set', () => {
    const draft = Draft.parse(TEXT).with(['metadata', 'name'], 'basket');
    expect(draft.text).toBe(TEXT.replace('name: cart', 'name: basket'));
  });

  it('makes the parents of what is set, and takes empty ones away again', () => {
    const draft = Draft.parse(TEXT).with(['spec', 'syncPolicy', 'automated', 'prune'], true);
    expect(draft.get(['spec', 'syncPolicy'])).toEqual({ automated: { prune: true } });
    expect(draft.with(['spec', 'syncPolicy', 'automated', 'prune'], false).text).toBe(TEXT);
  });

  it('writes into lists by their place', () => {
    const draft = Draft.of({ spec: {} })
      .with(['spec', 'sources', 0, 'repoURL'], 'a')
      .with(['spec', 'sources', 1, 'repoURL'], 'b');
    expect(draft.object()).toEqual({ spec: { sources: [{ repoURL: 'a' }, { repoURL: 'b' }] } });
  });

  it('leaves the places of a list alone when one of its items becomes empty', () => {
    const draft = Draft.of({ spec: { sources: [{ ref: 'a' }, { ref: 'b' }] } });
    expect(draft.with(['spec', 'sources', 0, 'ref'], '').get(['spec', 'sources'])).toEqual([{}, { ref: 'b' }]);
  });

  it('writes over an empty text without its quotes', () => {
    expect(Draft.parse('path: ""\n').exactly(['path'], 'apps/web').text).toBe('path: apps/web\n');
    expect(Draft.parse('path: ""\n').exactly(['path'], '').text).toBe('path: ""\n');
    expect(Draft.parse('path: "a"\n').exactly(['path'], 'b').text).toBe('path: "b"\n');
  });

  it('replaces a null by what is put below it', () => {
    expect(Draft.parse('spec:\n').with(['spec', 'project'], 'x').object()).toEqual({ spec: { project: 'x' } });
  });

  it('writes texts of many lines as blocks', () => {
    const draft = Draft.of({}).with(['helm', 'values'], 'a: 1\nb: "x"\n');
    expect(draft.text).toBe('helm:\n  values: |\n    a: 1\n    b: "x"\n');
    expect(draft.string(['helm', 'values'])).toBe('a: 1\nb: "x"\n');
  });

  it('says where a text cannot be read, and goes on with the last values', () => {
    const draft = Draft.parse(TEXT).typed('metadata:\n  name: [');
    expect(draft.problem).toMatchObject({ line: 2 });
    expect(draft.string(['metadata', 'name'])).toBe('cart');
    expect(draft.with(['metadata', 'name'], 'lost')).toBe(draft);
    expect(draft.typed('metadata: {name: b}').string(['metadata', 'name'])).toBe('b');
  });

  it.each([
    ['a: 1\n---\nb: 2\n', 'several documents'],
    ['- a\n- b\n', 'mapping is expected'],
    ['just words', 'mapping is expected'],
    ['a: 1\na: 2\n', 'unique'],
    [' '.repeat(MAX_TEXT + 1), 'longer than'],
  ])('does not take %j for an object', (text, words) => {
    expect(Draft.parse(text).problem?.message).toContain(words);
  });

  it('refuses aliases that multiply', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, index) => {
        const last = 'abcdefgh'[index] ?? '';
        return `${name}: &${name} [${Array(10).fill(`*${last}`).join(',')}]`;
      }),
    ].join('\n');
    expect(Draft.parse(bomb).problem).not.toBeNull();
  });

  it('keeps a key called __proto__ out of the prototype', () => {
    const draft = Draft.parse('__proto__: {polluted: true}\n');
    expect(draft.problem).toBeNull();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('writes false and empty texts when told exactly', () => {
    const draft = Draft.of({ spec: {} }).exactly(['spec', 'syncPolicy', 'automated', 'enabled'], false);
    expect(draft.object()).toEqual({ spec: { syncPolicy: { automated: { enabled: false } } } });
  });

  it('reads numbers as texts where a text is asked for', () => {
    expect(Draft.parse('spec: {targetRevision: 1}').string(['spec', 'targetRevision'])).toBe('1');
  });
});
