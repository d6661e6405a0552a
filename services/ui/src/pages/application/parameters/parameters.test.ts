import { describe, expect, it } from 'vitest';
import { Draft } from '../../../kubernetes/draft';
import {
  imageRows,
  parameterRows,
  parseImage,
  withImage,
  withParameter,
  withPluginParameter,
  writeImage,
} from './overrides';
import { hasMany, namedTool, originOf, sourcePaths, withAnotherSource, withoutSource, withTool } from './source';
import { isSameValues, isTextIgnored, valuesProblem, valuesText, withValues } from './values';

const ONE = Draft.of({ spec: { source: { repoURL: 'https://git/x', path: 'a', helm: { values: '# mine\na: 1\n' } } } });

describe('sources', () => {
  it('are one, or several that win over it', () => {
    expect(sourcePaths(ONE)).toEqual([['spec', 'source']]);
    const both = ONE.with(['spec', 'sources', 0, 'repoURL'], 'https://git/y');
    expect(sourcePaths(both)).toEqual([['spec', 'sources', 0]]);
  });

  it('become several and one again', () => {
    const two = withAnotherSource(ONE);
    expect(hasMany(two)).toBe(true);
    expect(two.get(['spec', 'source'])).toBeUndefined();
    expect(two.string(['spec', 'sources', 0, 'path'])).toBe('a');
    expect(withAnotherSource(two).list(['spec', 'sources'])).toHaveLength(3);
    expect(withoutSource(two, 1).object()).toEqual(ONE.object());
  });

  it('take one tool, and lose the words of another', () => {
    const kustomize = withTool(ONE, ['spec', 'source'], 'Kustomize');
    expect(namedTool(kustomize, ['spec', 'source'])).toBe('Kustomize');
    expect(kustomize.get(['spec', 'source', 'helm'])).toBeUndefined();
    expect(namedTool(withTool(kustomize, ['spec', 'source'], null), ['spec', 'source'])).toBeNull();
    expect(withTool(ONE, ['spec', 'source'], 'Helm').object()).toEqual(ONE.object());
  });

  it('come from Git, a chart repository or a registry', () => {
    expect(originOf(ONE, ['spec', 'source'], '')).toBe('git');
    expect(originOf(ONE, ['spec', 'source'], 'helm')).toBe('helm');
    expect(originOf(Draft.of({ spec: { source: { repoURL: 'oci://r/x' } } }), ['spec', 'source'], '')).toBe('oci');
    expect(originOf(Draft.of({ spec: { source: { repoURL: 'r', chart: 'x' } } }), ['spec', 'source'], '')).toBe('helm');
  });
});

describe('parameters of Helm', () => {
  it('stand beside what the chart says, the overridden first', () => {
    const rows = parameterRows(
      [
        { name: 'b', value: '1' },
        { name: 'a', value: '2' },
      ],
      [
        { name: 'b', value: '9', forceString: true },
        { name: 'own', value: 'x' },
      ],
    );
    expect(rows.map((row) => [row.name, row.original, row.override])).toEqual([
      ['b', '1', '9'],
      ['own', null, 'x'],
      ['a', '2', null],
    ]);
    expect(rows[0]?.forceString).toBe(true);
  });

  it('are set in their place and set back', () => {
    const own = [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ];
    expect(withParameter(own, 'a', '3', true)).toEqual([
      { name: 'a', value: '3', forceString: true },
      { name: 'b', value: '2' },
    ]);
    expect(withParameter(own, 'c', '')).toHaveLength(3);
    expect(withParameter(own, 'a', null)).toEqual([{ name: 'b', value: '2' }]);
  });
});

describe('images of Kustomize', () => {
  it.each([
    ['nginx', { from: 'nginx', to: 'nginx', tag: '', digest: '' }],
    ['nginx:1.27', { from: 'nginx', to: 'nginx', tag: '1.27', digest: '' }],
    ['web=registry:5000/team/web:2', { from: 'web', to: 'registry:5000/team/web', tag: '2', digest: '' }],
    [
      'registry:5000/web@sha256:ab',
      { from: 'registry:5000/web', to: 'registry:5000/web', tag: '', digest: 'sha256:ab' },
    ],
  ])('%s is read and written again', (text, image) => {
    expect(parseImage(text)).toEqual(image);
    expect(writeImage(image)).toBe(text);
  });

  it('are overridden by the name that the manifests have', () => {
    const rows = imageRows(['nginx:1.25', 'redis:7'], ['nginx=mirror/nginx:1.27']);
    expect(rows.map((row) => [row.name, row.override?.tag ?? null])).toEqual([
      ['nginx', '1.27'],
      ['redis', null],
    ]);
    const next = withImage(['nginx=mirror/nginx:1.27', 'redis:7.2'], 'nginx', {
      from: 'nginx',
      to: 'nginx',
      tag: '2',
      digest: '',
    });
    expect(next).toEqual(['nginx:2', 'redis:7.2']);
    expect(withImage(next, 'nginx', null)).toEqual(['redis:7.2']);
  });
});

describe('values of Helm', () => {
  const helm = ['spec', 'source', 'helm'];

  it('keep their comments as a text', () => {
    expect(valuesText(ONE, helm)).toBe('# mine\na: 1\n');
    expect(valuesText(withValues(ONE, helm, '# mine\na: 2\n'), helm)).toBe('# mine\na: 2\n');
  });

  it('stay an object where they were one', () => {
    const object = Draft.of({ spec: { source: { helm: { valuesObject: { a: 1 } } } } });
    expect(withValues(object, helm, 'a: 2\n').get([...helm, 'valuesObject'])).toEqual({ a: 2 });
    expect(isSameValues(object, helm, 'a: 1 # as it is', 'a: 1')).toBe(true);
    expect(isSameValues(object, helm, 'a: [', 'a: 1')).toBe(false);
    expect(isSameValues(ONE, helm, '# mine\na: 1\n', 'a: 1')).toBe(false);
  });

  it('that are a text count for nothing beside an object', () => {
    const both = Draft.of({ spec: { source: { helm: { values: 'a: 1', valuesObject: { a: 2 } } } } });
    expect(isTextIgnored(both, helm)).toBe(true);
    expect(valuesText(both, helm)).toBe('a: 2\n');
    expect(isTextIgnored(ONE, helm)).toBe(false);
  });

  it('that were an object are one again after they were emptied', () => {
    const object = Draft.of({ spec: { source: { helm: { valuesObject: { a: 1 } } } } });
    const empty = withValues(object, helm, '', true);
    expect(empty.get(helm)).toBeUndefined();
    expect(withValues(empty, helm, 'b: 2', true).get([...helm, 'valuesObject'])).toEqual({ b: 2 });
  });

  it('leave nothing behind when they are gone', () => {
    expect(withValues(ONE, helm, '').get(helm)).toBeUndefined();
  });

  it('say what is wrong with them', () => {
    expect(valuesProblem('a: 1')).toBe('');
    expect(valuesProblem('')).toBe('');
    expect(valuesProblem('- a')).toContain('mapping');
    expect(valuesProblem('a: [')).not.toBe('');
  });
});

describe('parameters of a plugin', () => {
  const own = [
    { name: 'a', string: '1' },
    { name: 'b', map: { x: 'y' } },
  ];

  it('are set in their place and taken back', () => {
    expect(withPluginParameter(own, 'a', { string: '2' })).toEqual([{ name: 'a', string: '2' }, own[1]]);
    expect(withPluginParameter(own, 'c', { array: [] })).toEqual([...own, { name: 'c', array: [] }]);
    expect(withPluginParameter(own, 'b', null)).toEqual([own[0]]);
    expect(withPluginParameter([...own, { name: 'a' }], 'a', { string: '3' })).toEqual([
      { name: 'a', string: '3' },
      own[1],
    ]);
  });
});
