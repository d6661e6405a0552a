import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '@/kubernetes/json';
import { edited, guarded, overtaken, shown } from './patch';

const LIVE: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cart', namespace: 'shop', annotations: { 'a/b': '1', note: 'x' } },
  spec: {
    replicas: 2,
    paused: false,
    template: { metadata: { creationTimestamp: null }, spec: { containers: [{ name: 'main', image: 'cart:1' }] } },
  },
};

function change(...changes: [string[], Json | undefined][]): JsonObject {
  const copy = structuredClone(LIVE) as Record<string, unknown>;
  for (const [path, value] of changes) {
    let at = copy;
    for (const part of path.slice(0, -1)) at = at[part] as Record<string, unknown>;
    const last = path.at(-1) ?? '';
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return copy as JsonObject;
}

/** RFC 7386, as an API server does it. */
function applied(target: Json | undefined, patch: Json): Json {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, Json> = isMap ? { ...(target as JsonObject) } : {};
  for (const [key, value] of Object.entries(patch as JsonObject)) {
    if (value === null) delete result[key];
    else result[key] = applied(result[key], value);
  }
  return result;
}

describe('the patch of an edited manifest', () => {
  test('is nothing when nothing was changed', () => {
    expect(edited(LIVE, structuredClone(LIVE) as Json)).toEqual({ patch: {}, changes: [], problems: [] });
  });

  test('says only what was changed', () => {
    const found = edited(LIVE, change([['spec', 'replicas'], 3]));
    expect(found.patch).toEqual({ spec: { replicas: 3 } });
    expect(found.changes).toEqual([{ path: ['spec', 'replicas'], before: 2, after: 3 }]);
    expect(found.problems).toEqual([]);
  });

  test('removes a field whose line was removed, and no other', () => {
    const found = edited(LIVE, change([['metadata', 'annotations', 'a/b'], undefined]));
    expect(found.patch).toEqual({ metadata: { annotations: { 'a/b': null } } });
    expect(found.changes[0]?.after).toBeUndefined();
    expect(found.problems).toEqual([]);
  });

  test('has a list whole, with what was empty in it before', () => {
    const containers = [{ name: 'main', image: 'cart:2', resources: {} }];
    const found = edited(LIVE, change([['spec', 'template', 'spec', 'containers'], containers]));
    expect(found.patch).toEqual({ spec: { template: { spec: { containers } } } });
    expect(found.problems).toEqual([]);
  });

  test.each([
    [['spec', 'replicas'], null],
    [['spec', 'strategy'], null],
    [['spec', 'strategy'], { rollingUpdate: null }],
    [['spec', 'template', 'spec', 'containers'], [{ name: 'main', image: null }]],
    [['spec', 'template', 'spec', 'containers'], [null]],
  ] as [string[], Json][])('does not take %j that was left empty for one to remove', (path, value) => {
    const { problems } = edited(LIVE, change([path, value]));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('is empty');
  });

  test('leaves alone what was empty before', () => {
    const live: JsonObject = { list: [{ at: null, a: 1 }], none: null };
    const found = edited(live, { list: [{ at: null, a: 2 }], none: null });
    expect(found.problems).toEqual([]);
    expect(found.patch).toEqual({ list: [{ at: null, a: 2 }] });
  });

  test('never writes the mask of a secret', () => {
    const secret: JsonObject = { kind: 'Secret', data: { a: '++++++++', b: '++++++++' } };
    expect(edited(secret, { ...secret, data: { a: 'bmV3', b: '++++++++' } })).toMatchObject({
      patch: { data: { a: 'bmV3' } },
      problems: [],
    });
    expect(edited(secret, { ...secret, data: { a: '++++++++++++', b: '++++++++' } }).problems).toHaveLength(1);
    expect(edited(secret, { ...secret, data: { c: '++++++++' } }).problems).toHaveLength(1);
  });

  test.each([
    [['kind'], 'Job'],
    [['metadata', 'name'], 'other'],
    [['metadata', 'namespace'], undefined],
    [['metadata', 'resourceVersion'], '1'],
    [['metadata', 'managedFields'], []],
  ] as [string[], Json | undefined][])('does not change what %j is', (path, value) => {
    expect(edited(LIVE, change([path, value])).problems[0]?.message).toContain('cannot be changed');
  });

  test('is of a map alone', () => {
    for (const value of [null, [], 'x', 1] as Json[]) expect(edited(LIVE, value).problems).toHaveLength(1);
  });

  test('makes of the one what the other says, whatever was changed', () => {
    const pieces: Json[] = [1, 'a', true, [], [1], {}, { a: 1 }, { a: { b: [2] }, c: 'x' }, [{ a: 1 }], { b: 2 }];
    for (const one of pieces) {
      for (const other of pieces) {
        const before = { x: one, same: 1, y: { inner: one } };
        const after = { x: other, same: 1, y: { inner: other }, z: other };
        expect(applied(before, edited(before, after).patch)).toEqual(after);
      }
    }
  });
});

describe('what somebody else changed meanwhile', () => {
  const { changes } = edited(LIVE, change([['spec', 'replicas'], 3], [['metadata', 'annotations', 'note'], undefined]));

  test('is no conflict in other fields', () => {
    expect(overtaken(LIVE, change([['spec', 'paused'], true]), changes)).toEqual([]);
  });

  test('is one in the same field, with the value that it has now', () => {
    expect(overtaken(LIVE, change([['spec', 'replicas'], 5]), changes)).toEqual([
      { path: ['spec', 'replicas'], before: 5, after: 3 },
    ]);
    expect(overtaken(LIVE, change([['metadata', 'annotations', 'note'], 'y']), changes)).toHaveLength(1);
  });

  test('is none when it is what was wanted', () => {
    expect(overtaken(LIVE, change([['spec', 'replicas'], 3]), changes)).toEqual([]);
  });

  test('is refused by the version that the patch names', () => {
    expect(guarded({ spec: { replicas: 3 } }, '7')).toEqual({
      spec: { replicas: 3 },
      metadata: { resourceVersion: '7' },
    });
    const labelled = guarded({ metadata: { labels: { a: 'b' } } }, '7');
    expect(labelled).toEqual({ metadata: { labels: { a: 'b' }, resourceVersion: '7' } });
  });
});

test('a path is shown as people write it', () => {
  expect(shown(['spec', 'containers', 0, 'image'])).toBe('.spec.containers[0].image');
  expect(shown(['metadata', 'annotations', 'a/b'])).toBe('.metadata.annotations["a/b"]');
  expect(shown([])).toBe('.');
});
