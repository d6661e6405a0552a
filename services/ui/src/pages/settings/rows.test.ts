import { describe, expect, it } from 'vitest';
import { itemsOf, rowsOf, rowsOfTexts, textsOf } from './rows';

describe('rows of a form', () => {
  it('have every column, and become what they were', () => {
    const destinations = [{ server: 'https://a', namespace: '*' }, { name: 'in-cluster' }];
    const rows = rowsOf(destinations, ['server', 'name', 'namespace']);
    expect(rows[1]).toEqual({ server: '', name: 'in-cluster', namespace: '' });
    expect(itemsOf(rows)).toEqual(destinations);
  });

  it('that say nothing are not sent, and fields that must be there are', () => {
    expect(itemsOf([{ group: ' ', kind: '' }])).toEqual([]);
    expect(itemsOf([{ group: '', kind: ' Namespace ' }], ['group'])).toEqual([{ group: '', kind: 'Namespace' }]);
  });

  it('of texts are texts', () => {
    expect(textsOf([...rowsOfTexts(['a', ' b '], 'glob'), { glob: ' ' }], 'glob')).toEqual(['a', 'b']);
  });
});
