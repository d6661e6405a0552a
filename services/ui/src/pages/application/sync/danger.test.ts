import { describe, expect, it } from 'vitest';
import { type Asked, dangerOf } from './danger';
import { chosenBy, filtered, keyOf, objectsOf, type SyncObject, titleOf } from './objects';

function object(kind: string, name: string, more: Partial<SyncObject> = {}): SyncObject {
  return {
    group: '',
    version: 'v1',
    kind,
    namespace: 'shop',
    name,
    status: 'Synced',
    health: 'Healthy',
    hook: false,
    requiresPruning: false,
    requiresConfirmation: false,
    wave: 0,
    ...more,
  };
}

const NOTHING: Asked = { prune: false, force: false, dryRun: false, options: [], chosen: null };
const gone = (kind: string, name: string, more: Partial<SyncObject> = {}) =>
  object(kind, name, { status: 'OutOfSync', requiresPruning: true, ...more });

describe('what a sync would destroy', () => {
  it('is nothing as long as nothing is pruned, replaced or forced', () => {
    expect(dangerOf([gone('PersistentVolumeClaim', 'data')], NOTHING)).toEqual({
      losses: [],
      confirm: false,
      reasons: [],
    });
  });

  it('names namespaces, definitions and claims first, with what goes with them', () => {
    const objects = [
      gone('ConfigMap', 'a'),
      gone('PersistentVolumeClaim', 'data'),
      gone('CustomResourceDefinition', 'x', { group: 'apiextensions.k8s.io', namespace: '' }),
      gone('Namespace', 'shop', { namespace: '' }),
    ];
    const danger = dangerOf(objects, { ...NOTHING, prune: true });
    expect(danger.losses.map((loss) => titleOf(loss.object))).toEqual([
      'Namespace shop',
      'apiextensions.k8s.io/CustomResourceDefinition x',
      'PersistentVolumeClaim shop/data',
      'ConfigMap shop/a',
    ]);
    expect(danger.losses[0]).toMatchObject({ how: 'deleted', takes: 'everything in it' });
    expect(danger.confirm).toBe(true);
  });

  it('lets a small prune of what can be made again go without the name', () => {
    const danger = dangerOf([gone('ConfigMap', 'a'), object('ConfigMap', 'b')], { ...NOTHING, prune: true });
    expect(danger.losses).toHaveLength(1);
    expect(danger.confirm).toBe(false);
  });

  it('asks for the name when most of an application would go', () => {
    const objects = Array.from({ length: 10 }, (_, index) => gone('ConfigMap', `c${index}`));
    expect(dangerOf(objects, { ...NOTHING, prune: true }).reasons).toEqual(['It deletes 10 of 10 objects.']);
    expect(dangerOf(objects.slice(1), { ...NOTHING, prune: true }).confirm).toBe(false);
  });

  it('counts only the objects that were chosen', () => {
    const claim = gone('PersistentVolumeClaim', 'data');
    const other = gone('ConfigMap', 'a');
    const danger = dangerOf([claim, other], { ...NOTHING, prune: true, chosen: new Set([keyOf(other)]) });
    expect(danger.losses.map((loss) => loss.object.name)).toEqual(['a']);
  });

  it('says of a replace that fields are lost, and of a force that objects are made anew', () => {
    const live = [object('Service', 'web'), object('Job', 'new', { health: 'Missing' })];
    expect(dangerOf(live, { ...NOTHING, options: ['Replace=true'] }).losses.map((loss) => loss.how)).toEqual([
      'replaced',
    ]);
    expect(dangerOf(live, { ...NOTHING, force: true }).losses.map((loss) => loss.how)).toEqual(['recreated']);
    expect(dangerOf(live, { ...NOTHING, force: true, options: ['ServerSideApply=true'] }).losses).toEqual([]);
    expect(dangerOf(live, { ...NOTHING, force: true }).confirm).toBe(true);
  });

  it('is nothing in a dry run, nor where the application is never pruned', () => {
    const objects = [gone('PersistentVolumeClaim', 'data')];
    expect(dangerOf(objects, { ...NOTHING, prune: true, dryRun: true }).losses).toEqual([]);
    expect(dangerOf(objects, { ...NOTHING, prune: true, options: ['Prune=false'] }).losses).toEqual([]);
  });
});

describe('the objects to choose from', () => {
  it('are read from a status, whatever else it holds', () => {
    expect(objectsOf([null, { kind: 'Pod', name: 'a', health: { status: 'Degraded' }, syncWave: 2 }])).toMatchObject([
      { kind: 'Pod', name: 'a', health: 'Degraded', wave: 2, group: '' },
    ]);
    expect(objectsOf(undefined)).toEqual([]);
  });

  it('are found by words of kind, name and state', () => {
    const objects = [object('Service', 'web'), gone('ConfigMap', 'web'), object('ConfigMap', 'other')];
    expect(filtered(objects, 'web outofsync').map(keyOf)).toEqual(['/ConfigMap/shop/web']);
    expect(filtered(objects, ' ')).toHaveLength(3);
  });

  it('are chosen all, by what differs, or none', () => {
    const objects = [object('Service', 'web'), gone('ConfigMap', 'web'), object('Secret', 's', { status: 'Unknown' })];
    expect(chosenBy('all', objects).size).toBe(3);
    expect([...chosenBy('out-of-sync', objects)]).toEqual(['/ConfigMap/shop/web', '/Secret/shop/s']);
    expect(chosenBy('none', objects).size).toBe(0);
  });
});
