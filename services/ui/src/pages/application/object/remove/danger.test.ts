import { expect, test } from 'vitest';
import { isDangerous, lostWith, queryOf } from './danger';

const pod = { group: '', kind: 'Pod', namespace: 'x', name: 'a' };
const web = { group: 'apps', kind: 'Deployment', namespace: 'x', name: 'a' };
const claim = { group: '', kind: 'PersistentVolumeClaim', namespace: 'x', name: 'a' };

test('what takes more with it than itself asks for the name, in every way', () => {
  for (const way of ['foreground', 'force', 'orphan'] as const) expect(isDangerous(claim, way)).toBe(true);
  expect(lostWith(claim)).toContain('data');
});

test('what a controller makes again does not', () => {
  expect(isDangerous(pod, 'foreground')).toBe(false);
  expect(isDangerous(pod, 'force')).toBe(false);
  expect(isDangerous(web, 'foreground')).toBe(false);
});

test('force asks for the name of what is no pod', () => {
  expect(isDangerous(web, 'force')).toBe(true);
});

test('a way is what the API calls it', () => {
  expect(queryOf('foreground')).toEqual({});
  expect(queryOf('force')).toEqual({ force: true });
  expect(queryOf('orphan')).toEqual({ orphan: true });
});
