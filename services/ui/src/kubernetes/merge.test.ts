import { describe, expect, it } from 'vitest';
import type { Json } from './json';
import { conflictsOf, merge } from './merge';

const paths = (before: Json | undefined, mine: Json | undefined, theirs: Json | undefined) =>
  conflictsOf(merge(before, mine, theirs)).map((one) => one.path.join('.'));

describe('what two people made of the same document', () => {
  it('is both of theirs where they changed different fields', () => {
    const merged = merge({ a: 1, b: { c: 1, d: 1 } }, { a: 2, b: { c: 1, d: 1 } }, { a: 1, b: { c: 3, d: 1 }, e: 4 });
    expect(merged.value).toEqual({ a: 2, b: { c: 3, d: 1 }, e: 4 });
    expect(merged.differences.map((one) => one.path)).toEqual([['b', 'c'], ['e']]);
    expect(conflictsOf(merged)).toEqual([]);
  });

  it('is mine where both changed one, which is told', () => {
    const merged = merge({ a: 1 }, { a: 2 }, { a: 3 });
    expect(merged.value).toEqual({ a: 2 });
    expect(conflictsOf(merged)).toEqual([{ path: ['a'], before: 1, theirs: 3, mine: 2, isConflict: true }]);
  });

  it('is no conflict where both made the same of it', () => {
    expect(paths({ a: 1 }, { a: 2 }, { a: 2 })).toEqual([]);
    expect(merge({ a: 1 }, {}, {}).value).toEqual({});
  });

  it('lets go what one of them took away, unless the other changed it', () => {
    expect(merge({ a: { b: 1 }, c: 1 }, { c: 1 }, { a: { b: 1 }, c: 2 }).value).toEqual({ c: 2 });
    expect(merge({ a: { b: 1 }, c: 1 }, { a: { b: 1 }, c: 2 }, { c: 1 }).value).toEqual({ c: 2 });
    expect(paths({ a: { b: 1 } }, {}, { a: { b: 2 } })).toEqual(['a']);
    expect(merge({ a: { b: 1 } }, {}, { a: { b: 2 } }).value).toEqual({});
    expect(paths({ a: { b: 1 } }, { a: { b: 2 } }, {})).toEqual(['a']);
  });

  it('puts together maps that both of them began', () => {
    expect(merge({}, { l: { a: 1 } }, { l: { b: 2 } }).value).toEqual({ l: { a: 1, b: 2 } });
  });

  it('tells the items of a list apart by their names', () => {
    const role = (name: string, more: Json[] = []) => ({ name, policies: more });
    const merged = merge(
      [role('a'), role('b')],
      [role('a', ['p']), role('b'), role('mine')],
      [role('theirs'), role('a'), role('b', ['q'])],
    );
    expect(merged.value).toEqual([role('theirs'), role('a', ['p']), role('b', ['q']), role('mine')]);
    expect(conflictsOf(merged)).toEqual([]);
    expect(merge([role('a')], [role('a', ['p'])], [role('a', ['q'])]).value).toEqual([role('a', ['q', 'p'])]);
    expect(paths([role('a', ['o'])], [role('a', ['p'])], [role('a', ['q'])])).toEqual(['a.policies']);
    expect(merge([role('a'), role('b')], [role('b')], [role('a'), role('b'), role('c')]).value).toEqual([
      role('b'),
      role('c'),
    ]);
  });

  it('adds and takes away items of a list that have no names', () => {
    expect(merge(['a', 'b'], ['b', 'mine'], ['a', 'b', 'theirs']).value).toEqual(['b', 'theirs', 'mine']);
    expect(paths(['a', 'b'], ['b', 'mine'], ['a', 'b', 'theirs'])).toEqual([]);
  });

  it('keeps the order of a list, or says that it cannot', () => {
    expect(paths(['a', 'b'], ['first', 'a', 'b'], ['a', 'b', 'theirs'])).toEqual(['']);
    const source = (path: string, targetRevision: string) => ({ path, targetRevision });
    const before = [source('a', '1'), source('b', '1')];
    const merged = merge(before, [source('mine', '1'), source('b', '1')], [source('a', '2'), source('b', '2')]);
    expect(merged.value).toEqual([source('mine', '2'), source('b', '2')]);
    expect(conflictsOf(merged)).toEqual([]);
    expect(paths(before, [source('a', '3'), source('b', '1')], [source('a', '2'), source('b', '1')])).toEqual([
      '0.targetRevision',
    ]);
    expect(merge(before, [source('a', '1')], [source('a', '2'), source('b', '1')]).value).toEqual([source('a', '2')]);
    expect(paths(before, [source('b', '1')], [source('a', '2'), source('b', '1')])).toEqual(['']);
  });

  it('edits an item where it stands in a list that the other made longer or shorter', () => {
    const window = (schedule: string) => ({ schedule });
    const before = [window('a'), window('b')];
    expect(merge(before, [window('a2'), window('b')], [window('c'), ...before]).value).toEqual([
      window('c'),
      window('a2'),
      window('b'),
    ]);
    expect(merge(before, [window('a'), window('b'), window('c')], [window('a'), window('b2')]).value).toEqual([
      window('a'),
      window('b2'),
      window('c'),
    ]);
    expect(paths(before, [window('a2'), window('b')], [window('b')])).toEqual(['']);
  });

  it('says where a list was replaced by both', () => {
    expect(paths([1], [2], [3])).toEqual(['']);
    expect(merge(['a', 'a'], ['a'], ['a', 'a', 'b']).value).toEqual(['a']);
  });
});
