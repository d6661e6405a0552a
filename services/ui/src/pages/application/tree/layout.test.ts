import { describe, expect, test } from 'vitest';
import { framesOf } from './grid';
import { arranged } from './layout';
import { anchored, type Graph, HEIGHT, type Place, sizeOf } from './place';

function graph(edges: Record<string, string[]>, links: [string, string][] = [], piles: string[] = []): Graph {
  const ids = ['app'];
  const parents: (string | null)[] = [null];
  const walk = (id: string): void => {
    for (const child of edges[id] ?? []) {
      ids.push(child);
      parents.push(id);
      walk(child);
    }
  };
  walk('app');
  return { ids, parents, links, piles, shape: 16 / 9 };
}

function wide(count: number): Graph {
  const sets = Array.from({ length: count / 4 }, (_, index) => `set-${index}`);
  const edges: Record<string, string[]> = { app: sets };
  for (const set of sets) edges[set] = [`${set}-a`, `${set}-b`, `${set}-c`];
  return graph(edges);
}

/** No two of them touch. */
function expectApart(places: ReadonlyMap<string, Place>): void {
  const boxes = [...places.values()].map((place) => ({ ...place, ...sizeOf(place) }));
  boxes.sort((left, right) => left.y - right.y);
  let touching = 0;
  boxes.forEach((one, index) => {
    for (let at = index + 1; at < boxes.length; at += 1) {
      const other = boxes[at];
      if (!other || other.y >= one.y + one.height) break;
      if (other.x < one.x + one.width && one.x < other.x + other.width) touching += 1;
    }
  });
  expect(touching).toBe(0);
}

describe('where nodes stand', () => {
  test('no node stands on another', () => {
    const places = [...arranged(wide(400)).values()];
    const taken = new Map<number, number[]>();
    for (const { x, y } of places) taken.set(x, [...(taken.get(x) ?? []), y]);
    for (const column of taken.values()) {
      const sorted = column.sort((left, right) => left - right);
      for (let index = 1; index < sorted.length; index += 1) {
        expect((sorted[index] ?? 0) - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(HEIGHT);
      }
    }
  });

  test('children stand to the right of their parent', () => {
    const places = arranged(graph({ app: ['a', 'b'], a: ['a1'] }));
    const x = (id: string) => places.get(id)?.x ?? Number.NaN;
    expect(x('a')).toBeGreaterThan(x('app'));
    expect(x('b')).toBe(x('a'));
    expect(x('a1')).toBeGreaterThan(x('a'));
  });

  test('a node that two lead to stands behind both', () => {
    const places = arranged(graph({ app: ['one', 'two'], one: ['service'], service: ['pod'] }, [['two', 'service']]));
    const x = (id: string) => places.get(id)?.x ?? Number.NaN;
    expect(places.size).toBe(5);
    expect(x('service')).toBeGreaterThan(Math.max(x('one'), x('two')));
    expect(x('one')).toBeGreaterThan(x('app'));
  });

  test('the members of an open pile are a grid as wide as the window, read downwards', () => {
    const members = Array.from({ length: 2000 }, (_, index) => `m${index}`);
    const places = arranged(graph({ app: ['pile', 'last'], pile: members }, [], ['pile']));
    const at = (id: string): Place => places.get(id) ?? { x: Number.NaN, y: Number.NaN };
    const [frame] = framesOf(members.map((id) => ['pile', at(id)]));
    expect((frame?.width ?? 0) / (frame?.height ?? 1)).toBeCloseTo(16 / 9, 0);
    expect(at('m1').x).toBe(at('m0').x);
    expect(at('m1').y).toBeGreaterThan(at('m0').y);
    expect(frame?.x).toBeGreaterThan(at('pile').x);
    expect(at('last').y).toBeGreaterThan((frame?.y ?? 0) + (frame?.height ?? 0));
    expectApart(places);
  });

  test('a member that is open stands below the grid with what is below it', () => {
    const members = Array.from({ length: 20 }, (_, index) => `m${index}`);
    const places = arranged(graph({ app: ['pile'], pile: members, m3: ['child'] }, [], ['pile']));
    expect(places.get('m3')?.isCell).toBeUndefined();
    expect(places.get('m3')?.y).toBeGreaterThan(
      Math.max(...[0, 1, 2, 4].map((index) => places.get(`m${index}`)?.y ?? 0)),
    );
    expectApart(places);
  });

  test('few members stand one below the other', () => {
    const places = arranged(graph({ app: ['pile'], pile: ['a', 'b', 'c'] }, [], ['pile']));
    expect(places.get('a')?.isCell).toBeUndefined();
    expect(places.get('b')?.x).toBe(places.get('a')?.x);
  });

  test('two thousand objects are laid out within the time that is promised', () => {
    const asked = wide(2000);
    const began = performance.now();
    expect(arranged(asked).size).toBe(2001);
    expect(performance.now() - began).toBeLessThan(700);
  });

  test('the node that is looked at stays where it was', () => {
    const before = arranged(graph({ app: ['a', 'b'] }));
    const after = anchored(arranged(graph({ app: ['a', 'b'], a: ['a1', 'a2', 'a3'] })), before, [null, 'b']);
    expect(after.get('b')).toEqual(before.get('b'));
    expect(after.get('a')?.y).toBeLessThan(before.get('a')?.y ?? 0);
  });
});
