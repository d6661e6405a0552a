import { describe, expect, it } from 'vitest';
import { generatorsOf, repositoriesOf } from './model';

describe('an ApplicationSet', () => {
  it('names the kinds of its generators, nested ones too', () => {
    const set = {
      metadata: { name: 'a' },
      spec: {
        generators: [
          { list: { elements: [] } },
          { matrix: { generators: [{ git: {} }, { clusters: {}, selector: {} }] } },
          {},
        ],
      },
    };
    expect(generatorsOf(set)).toEqual(['list', 'matrix (git, clusters)', 'none']);
  });

  it('names the repositories of its template', () => {
    const spec = { template: { spec: { sources: [{ repoURL: 'https://a' }, {}] } } };
    expect(repositoriesOf({ metadata: { name: 'a' }, spec })).toEqual(['https://a']);
    expect(repositoriesOf({ metadata: { name: 'a' } })).toEqual([]);
  });
});
