import { describe, expect, it } from 'vitest';
import { demandsOf } from './demands';

const BEFORE = {
  sourceRepos: ['https://a', 'https://b'],
  destinations: [{ server: 'https://one' }, { name: 'by-name' }, { server: 'https://two' }],
  clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
};

describe('what a change of a project takes', () => {
  it('is nothing more where neither clusters nor repositories nor kinds are touched', () => {
    expect(demandsOf(BEFORE, { ...BEFORE, description: 'x' })).toEqual([]);
  });

  it('is the right to each repository that is given or taken away', () => {
    expect(demandsOf(BEFORE, { ...BEFORE, sourceRepos: ['https://b', 'https://c'] })).toEqual([
      { resource: 'repositories', action: 'update', object: 'https://a' },
      { resource: 'repositories', action: 'update', object: 'https://c' },
    ]);
  });

  it('is the right to each cluster that is given or taken away, by its server', () => {
    const destinations = [{ server: 'https://two', namespace: 'x' }, { server: '*' }, { name: 'other' }];
    expect(demandsOf(BEFORE, { ...BEFORE, destinations }).map(({ object }) => object)).toEqual(['https://one', '*']);
  });

  it('is the right to all its clusters where kinds are changed', () => {
    const after = { ...BEFORE, namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] };
    expect(demandsOf(BEFORE, after).map(({ object }) => object)).toEqual(['https://one', 'https://two']);
    expect(demandsOf(BEFORE, { ...BEFORE, namespaceResourceWhitelist: [] })).toHaveLength(2);
  });
});
