import { describe, expect, test } from 'vitest';
import { application, deployment, node } from '../example';
import { joined, type TreeNode } from '../model';
import { byOwner } from './forest';
import { keptAfter, NO_WISHES, pictured, type Wishes } from './picture';

function draw(nodes: TreeNode[], wishes: Partial<Wishes> = {}) {
  const objects = joined(application(), nodes, []);
  return pictured(objects, byOwner(objects), { ...NO_WISHES, ...wishes });
}

const configMaps = (count: number, sync = 'Synced') =>
  Array.from({ length: count }, (_, index) => node('ConfigMap', `settings-${index}`, { sync }));

describe('what of a tree is drawn', () => {
  test('a small application is drawn whole', () => {
    const picture = draw([...deployment('web', 3), ...configMaps(6)]);
    expect(picture.shown).toHaveLength(1 + 5 + 6);
    expect(picture.shown.every((one) => one.pile === null)).toBe(true);
  });

  test('what is many and healthy is one node with a count', () => {
    const picture = draw([...deployment('web', 3), ...configMaps(1990)]);
    const pile = picture.shown.find((one) => one.pile?.kind === 'ConfigMap');
    expect(pile?.pile?.members).toHaveLength(1990);
    expect(picture.shown.length).toBeLessThan(10);
    expect(picture.total).toBe(1995);
  });

  test('what is wrong is never in a pile of what is well, and its owners are open', () => {
    const well = Array.from({ length: 100 }, (_, index) => deployment(`job-${index}`, 2)).flat();
    const picture = draw([...well, ...deployment('web', 3, 'Degraded')]);
    const names = picture.shown.map((one) => one.object?.name);
    expect(names).toContain('web');
    expect(names).toContain('web-7d4b9-2');
    expect(picture.shown.find((one) => one.pile)?.pile).toMatchObject({ kind: 'Deployment', below: 300 });
    expect(picture.troubled).toBe(5);
  });

  test('many in one and the same trouble are a pile that says so', () => {
    const picture = draw(configMaps(40, 'OutOfSync'));
    expect(picture.shown[1]?.pile).toMatchObject({ sync: 'OutOfSync' });
    expect(picture.shown[1]?.below).toBe(40);
  });

  test('a pile opens on demand', () => {
    const closed = draw(configMaps(40));
    const id = closed.shown[1]?.id ?? '';
    const open = draw(configMaps(40), { opened: new Set([id]) });
    expect(open.shown).toHaveLength(42);
    expect(open.shown[2]).toMatchObject({ parent: id, level: 3, siblings: 40 });
  });

  test('nothing that was drawn is gathered when it is well again', () => {
    const many = configMaps(60);
    const before = draw([...many, ...deployment('web', 1, 'Degraded')]);
    const kept = keptAfter(new Set(), before);
    const healed = draw([...many, ...deployment('web', 1)], { kept });
    expect(healed.structure).toBe(before.structure);
  });

  test('what a person closed stays closed although it is in trouble', () => {
    const nodes = [...configMaps(60), ...deployment('web', 3, 'Degraded')];
    const top = draw(nodes).shown.find((one) => one.object?.name === 'web');
    const picture = draw(nodes, { closed: new Set([top?.id ?? '']) });
    expect(picture.shown.some((one) => one.object?.kind === 'Pod')).toBe(false);
    expect(picture.shown.find((one) => one.object?.name === 'web')?.below).toBe(4);
  });

  test('a filter leaves what matches, with its owners for orientation', () => {
    const nodes = [...configMaps(60), ...deployment('web', 3)];
    const pods = nodes.filter((one) => one.kind === 'Pod');
    const objects = joined(application(), pods, []);
    const picture = draw(nodes, { matching: new Set(objects.keys()) });
    expect(picture.matching).toBe(3);
    expect(picture.shown.map((one) => one.object?.kind)).toEqual([
      undefined,
      'Deployment',
      'ReplicaSet',
      'Pod',
      'Pod',
      'Pod',
    ]);
    expect(picture.shown.map((one) => one.isContext)).toEqual([false, true, true, false, false, false]);
  });

  test('old revisions are one node, however small the application', () => {
    const [top, ...rest] = deployment('web', 1);
    const old = [1, 2, 3].map((index) => node('ReplicaSet', `web-old-${index}`, {}, top));
    const picture = draw([...(top ? [top] : []), ...rest, ...old]);
    expect(picture.shown.find((one) => one.pile)?.pile?.members).toHaveLength(3);
  });
});
