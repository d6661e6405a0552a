import { describe, expect, test, vi } from 'vitest';
import { ApiError } from '@/api/errors';
import type { JsonObject } from '@/kubernetes/json';
import { toYaml } from '@/kubernetes/yaml';
import { draftOf, type Server, tryOut, wordsOf } from './draft';

const BASE: JsonObject = {
  kind: 'ConfigMap',
  metadata: { name: 'a', resourceVersion: '1', managedFields: [{ manager: 'x' }] },
  data: { colour: 'blue' },
};
const at = (version: string, colour = 'blue'): JsonObject => ({
  ...BASE,
  metadata: { name: 'a', resourceVersion: version },
  data: { colour },
});

function draft(colour: string) {
  const found = draftOf(
    BASE,
    toYaml({ kind: 'ConfigMap', metadata: { name: 'a', resourceVersion: '1' }, data: { colour } }),
  );
  if ('problems' in found) throw new Error(JSON.stringify(found.problems));
  return found;
}

function server(...states: JsonObject[]): Server & { tried: ReturnType<typeof vi.fn> } {
  let read = 0;
  return {
    read: async () => states[Math.min(read++, states.length - 1)] ?? BASE,
    tried: vi.fn(async (patch: JsonObject) => ({ ...BASE, ...patch })),
    patched: async (patch) => patch,
  };
}

describe('a draft', () => {
  test('does not touch what was not shown', () => {
    expect(draft('red').patch).toEqual({ data: { colour: 'red' } });
  });

  test('that cannot be read says in which line', () => {
    const found = draftOf(BASE, 'kind: ConfigMap\ndata: [\n');
    expect('problems' in found && found.problems[0]?.message).toMatch(/^Line [23]: /);
  });
});

describe('a change', () => {
  test('is tried against the version that was seen', async () => {
    const cluster = server(at('1'));
    const tried = await tryOut(cluster, BASE, draft('red'));
    expect(tried).toMatchObject({
      patch: { data: { colour: 'red' }, metadata: { resourceVersion: '1' } },
      isMoved: false,
    });
  });

  test('goes on when others changed other fields', async () => {
    const tried = await tryOut(server(at('7')), BASE, draft('red'));
    expect(tried).toMatchObject({ patch: { metadata: { resourceVersion: '7' } }, isMoved: true });
  });

  test('stops when others changed the same field, unless it is wanted all the same', async () => {
    const cluster = server(at('7', 'green'));
    const tried = await tryOut(cluster, BASE, draft('red'));
    expect('conflicts' in tried && tried.conflicts.map(wordsOf)).toEqual([
      '.data.colour is now "green"; you wrote "red".',
    ]);
    expect(cluster.tried).not.toHaveBeenCalled();
    expect(await tryOut(cluster, BASE, draft('red'), true)).toMatchObject({ patch: { data: { colour: 'red' } } });
  });

  test('is tried again when somebody was quicker', async () => {
    const cluster = server(at('1'), at('2'));
    cluster.tried.mockRejectedValueOnce(new ApiError(409, 10, 'the object has been modified'));
    expect(await tryOut(cluster, BASE, draft('red'))).toMatchObject({ patch: { metadata: { resourceVersion: '2' } } });
  });

  test('is given up when somebody is always quicker, or the server says no', async () => {
    const cluster = server(at('1'));
    cluster.tried.mockRejectedValue(new ApiError(409, 10, 'the object has been modified'));
    await expect(tryOut(cluster, BASE, draft('red'))).rejects.toThrow('modified');
    expect(cluster.tried).toHaveBeenCalledTimes(4);
    cluster.tried.mockReset().mockRejectedValue(new ApiError(400, 3, 'it is invalid'));
    await expect(tryOut(cluster, BASE, draft('red'))).rejects.toThrow('invalid');
    expect(cluster.tried).toHaveBeenCalledTimes(1);
  });
});
