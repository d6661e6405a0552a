import { describe, expect, it } from 'vitest';
import { emptyView, isNarrowed, NOBODY, questionOf, readView, selectorOf, toggled, writeView } from './view';

describe('the address of a view', () => {
  it('is read as it was written', () => {
    const view = {
      ...emptyView('table'),
      search: 'shop & co',
      filters: { label: ['tier=a,b', 'x=%2C'], cluster: ['https://10.0.0.1:6443'], autoSync: ['true'] },
      favourites: true,
      sort: 'health' as const,
      descending: true,
    };
    expect(readView(writeView(view), 'tiles')).toEqual(view);
  });

  it('is read as Argo CD writes it', () => {
    const view = readView(
      '?showFavorites=true&proj=a%2Cb&cluster=in-cluster%20%28https%3A%2F%2Fkubernetes.default.svc%29' +
        '&autoSync=Disabled&operation=Syncing&labels=tier%253Dweb&view=tiles&page=3',
      'table',
    );
    expect(view.filters).toEqual({
      project: ['a', 'b'],
      cluster: ['https://kubernetes.default.svc'],
      autoSync: ['false'],
      operation: ['Running'],
      label: ['tier=web'],
    });
    expect([view.favourites, view.layout]).toEqual([true, 'tiles']);
  });

  it('leaves out what nobody knows, and keeps what is not its own', () => {
    const view = readView('?sort=colour&view=pie&health=%E0%A4%A&new=1', 'table');
    expect([view.sort, view.layout]).toEqual(['name', 'table']);
    expect(new URLSearchParams(writeView(view, '?new=1&proj=gone')).get('new')).toBe('1');
    expect(writeView(view, '?proj=gone')).not.toContain('gone');
  });
});

describe('the question of a view', () => {
  it('names values by the fields of the API', () => {
    const view = toggled(toggled(emptyView('tiles'), 'project', 'shop'), 'health', 'Degraded');
    expect(questionOf(view, [])).toEqual({ project: ['shop'], health: ['Degraded'], sort: 'name' });
    expect(questionOf(toggled(view, 'health', 'Degraded'), [])).toEqual({ project: ['shop'], sort: 'name' });
  });

  it('wants all keys of labels to fit, and of one key any value', () => {
    const view = { ...emptyView('tiles'), filters: { label: ['tier=web', 'team=a', 'tier=db', 'gone!=true', 'old'] } };
    expect(questionOf(view, [])).toEqual({ selector: 'tier in (web,db),team=a,gone!=true,old', sort: 'name' });
    expect(selectorOf(['a=', 'b==c'])).toBe('a=,b=c');
  });

  it('asks for nobody when there are no favourites', () => {
    const view = { ...emptyView('tiles'), favourites: true };
    expect(questionOf(view, [])['keys']).toEqual([NOBODY]);
    expect(questionOf(view, ['a/b'])['keys']).toEqual(['a/b']);
  });

  it('holds no more words than the server takes', () => {
    const view = { ...emptyView('tiles'), search: '  a b  c d e f g h i ' };
    expect(questionOf(view, [])['search']).toBe('a b c d e f g h');
    expect([isNarrowed(view), isNarrowed(emptyView('tiles'))]).toEqual([true, false]);
  });
});
