import { describe, expect, test } from 'vitest';
import { ALL, entryOf, FIRST, type LogSource, Newer, pathOf, queryOf } from './ask';

const SOURCE: LogSource = {
  application: { name: 'cart', namespace: 'argocd', project: 'shop' },
  object: { group: 'apps', kind: 'Deployment', namespace: 'x', name: 'web' },
  pod: '',
  namespace: 'x',
  container: ALL,
};

describe('the logs that are asked for', () => {
  test('are of all pods below an object', () => {
    expect(pathOf(SOURCE)).toBe('/api/v1/applications/cart/logs');
    expect(queryOf(SOURCE, FIRST)).toEqual({
      appNamespace: 'argocd',
      project: 'shop',
      namespace: 'x',
      group: 'apps',
      kind: 'Deployment',
      resourceName: 'web',
      container: '*',
      tailLines: 1000,
      follow: true,
    });
  });

  test('are of one pod when one was chosen, or the object is one', () => {
    expect(queryOf({ ...SOURCE, pod: 'web-1' }, FIRST)).toMatchObject({ podName: 'web-1', kind: 'Deployment' });
    const pod = { group: '', kind: 'Pod', namespace: 'x', name: 'web-2' };
    const query = queryOf({ ...SOURCE, object: pod }, FIRST);
    expect(query.podName).toBe('web-2');
    expect(query.kind).toBeUndefined();
  });

  test('are not followed when they are those of a container that ended', () => {
    const query = queryOf(SOURCE, { ...FIRST, previous: true });
    expect(query.previous).toBe(true);
    expect(query.follow).toBeUndefined();
  });

  test('are gone on with from the last line, whatever was asked for first', () => {
    const query = queryOf(SOURCE, { ...FIRST, since: 60 }, '2026-01-01T00:00:00.5Z');
    expect(query).toMatchObject({ sinceTime: '2026-01-01T00:00:00.5Z' });
    expect(query.tailLines).toBeUndefined();
    expect(query.sinceSeconds).toBeUndefined();
  });
});

describe('what is told of a log', () => {
  test('is a line of a pod and a container', () => {
    const told = { content: 'x', timeStampStr: '2026-01-01T00:00:00Z', podName: 'web-1/side' };
    expect(entryOf(told, ALL)).toEqual({ at: '2026-01-01T00:00:00Z', pod: 'web-1', container: 'side', text: 'x' });
    expect(entryOf({ ...told, podName: 'web-1' }, 'main')?.container).toBe('main');
  });

  test('has no time and no pod when it is told in its stead', () => {
    const told = { content: 'it failed', timeStampStr: '0001-01-01T00:00:00Z', podName: '' };
    expect(entryOf(told, 'main')).toEqual({ at: '', pod: '', container: '', text: 'it failed' });
  });

  test('is no line when it says that it is the last', () => {
    expect(entryOf({ last: true, content: '' }, 'main')).toBeNull();
  });
});

describe('logs that were gone on with', () => {
  const at = (time: string, pod = 'a') => ({ at: `2026-01-01T00:00:${time}Z`, pod, container: 'main', text: time });

  test('tell no line twice, and none is lost', () => {
    const newer = new Newer();
    expect(newer.resume).toBe('');
    for (const one of [at('11'), at('12.1'), at('12.1'), at('12.05', 'b')]) expect(newer.isNew(one)).toBe(true);
    expect(newer.resume).toBe('2026-01-01T00:00:02.100Z');
    newer.resumed();
    expect([at('11'), at('12.1'), at('12.1'), at('12.05', 'b')].map((one) => newer.isNew(one))).toEqual(
      Array(4).fill(false),
    );
    expect(newer.isNew(at('12.1'))).toBe(true); // a third line of that moment, which was not told before the cut
    expect(newer.isNew(at('12.06', 'b'))).toBe(true);
    expect(newer.isNew(at('08', 'c'))).toBe(true); // of a pod that was late
    expect(newer.isNew(at('12.123456789'))).toBe(true);
    newer.resumed();
    expect([at('12.1'), at('12.1'), at('12.1'), at('12.123456789')].map((one) => newer.isNew(one))).toEqual(
      Array(4).fill(false),
    );
    expect(newer.isNew(at('12.1234567891', 'd'))).toBe(true);
  });

  test('order times by what they are, not by how they are written', () => {
    const newer = new Newer();
    newer.isNew(at('12.5'));
    newer.isNew(at('12'));
    expect(newer.resume).toBe('2026-01-01T00:00:02.500Z');
  });
});
