import { describe, expect, it } from 'vitest';
import { complaintOf, countOf, fateOf, policyObjectOf } from './model';
import { stageOf, stepsOf } from './rollout';
import { changed } from './useSets';

const status = (application: string, state: string, step: string) => ({ application, status: state, step });

describe('a rollout', () => {
  it('counts the Applications of each step', () => {
    const steps = [
      { matchExpressions: [{ key: 'env', operator: 'In', values: ['dev', 'test'] }] },
      { maxUpdate: '25%' },
    ];
    const set = {
      metadata: { name: 'a' },
      spec: { strategy: { type: 'RollingSync', rollingSync: { steps } } },
      status: {
        applicationStatus: [status('x', 'Healthy', '1'), status('y', 'Pending', '1'), status('z', 'Waiting', '-1')],
      },
    };
    expect(stepsOf(set)).toEqual([
      {
        number: 1,
        selects: 'env In dev, test',
        atOnce: 'all at once',
        total: 2,
        healthy: 1,
        moving: 1,
        waiting: 0,
      },
      { number: 2, selects: 'all', atOnce: '25% at once', total: 0, healthy: 0, moving: 0, waiting: 0 },
    ]);
    expect(stageOf(status('z', 'Waiting', '-1'))).toBe('Waiting, in no step');
    expect(stepsOf({ metadata: { name: 'a' } })).toBeNull();
  });
});

describe('a set', () => {
  it('tells what is wrong first', () => {
    const conditions = [
      { type: 'InvalidRolloutConfig', status: 'True', message: 'steps' },
      { type: 'ErrorOccurred', status: 'True', message: 'no repository' },
      { type: 'DeletionHeld', status: 'False', message: 'held' },
    ];
    expect(complaintOf({ metadata: { name: 'a' }, status: { conditions } })).toBe('no repository');
    expect(complaintOf({ metadata: { name: 'a' } })).toBe('');
  });

  it('tells what its deletion takes along', () => {
    const made = { metadata: { name: 'a' }, status: { resourcesCount: 3 } };
    expect(countOf(made)).toBe(3);
    expect(fateOf(made)).toContain('its 3 Applications will be deleted');
    const kept = { ...made, spec: { syncPolicy: { applicationsSync: 'create-update' } } };
    expect(fateOf(kept)).toContain('will stay');
    const spared = { ...made, spec: { syncPolicy: { preserveResourcesOnDeletion: true } } };
    expect(fateOf(spared)).toContain('What they deployed stays');
  });

  it('is named to policies with its namespace where that is another', () => {
    const set = { metadata: { name: 'a', namespace: 'team' }, spec: { template: { spec: { project: 'p' } } } };
    expect(policyObjectOf(set, 'argocd')).toBe('p/team/a');
    expect(policyObjectOf(set, 'team')).toBe('p/a');
  });
});

describe('a list of sets', () => {
  it('takes what its stream says', () => {
    const set = (name: string, resourceVersion = '1') => ({ metadata: { name, namespace: 'argocd', resourceVersion } });
    const list = { items: [set('b')] };
    const more = changed(list, { type: 'ADDED', applicationSet: set('a') });
    expect(more.items?.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    const newer = changed(more, { type: 'MODIFIED', applicationSet: set('b', '2') });
    expect(newer.items?.[1]?.metadata.resourceVersion).toBe('2');
    expect(changed(newer, { type: 'DELETED', applicationSet: set('a') }).items).toEqual([set('b', '2')]);
  });
});
