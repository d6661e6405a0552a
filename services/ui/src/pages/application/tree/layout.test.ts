import { describe, expect, test } from 'vitest';
import { arranged } from './layout';
import { anchored, type Graph, HEIGHT } from './place';

function graph(edges: Record<string, string[]>, links: [string, string][] = []): Graph {
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
  return { ids, parents, links };
}

function wide(count: number): Graph {
  const sets = Array.from({ length: count / 4 }, (_, index) => `set-${index}`);
  const edges: Record<string, string[]> = { app: sets };
  for (const set of sets) edges[set] = [`${set}-a`, `${set}-b`, `${set}-c`];
  return graph(edges);
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
