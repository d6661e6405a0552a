import { describe, expect, it } from 'vitest';
import { queryOf, rangeOf } from './search';

describe('the search over objects', () => {
  it('asks what the URL says', () => {
    const fields = new URLSearchParams('kind=Pod&kind=Job&search=web&offset=50&sort=-health&other=x');
    expect(queryOf(fields)).toEqual({ kind: ['Pod', 'Job'], search: 'web', offset: 50, sort: '-health', limit: 50 });
  });

  it('begins at the beginning where the URL says nothing that can be read', () => {
    expect(queryOf(new URLSearchParams('offset=-3'))).toEqual({ sort: 'name', limit: 50 });
    expect(queryOf(new URLSearchParams('offset=x'))).toEqual({ sort: 'name', limit: 50 });
  });

  it('says which of how many are shown', () => {
    const item = { key: 'a', kind: 'Pod', name: 'a', application: 'web' };
    expect(rangeOf({ total: 0, offset: 0, limit: 50, items: [] })).toBe('No objects');
    expect(rangeOf({ total: 1, offset: 0, limit: 50, items: [item] })).toBe('1 object');
    expect(rangeOf({ total: 4312, offset: 50, limit: 50, items: [item, item] })).toBe('51 to 52 of 4,312 objects');
  });
});
