import { describe, expect, it } from 'vitest';
import { objectsOf } from './objects';
import { type Asking, formOf, refusalOf, requestOf } from './request';
import { NO_RETRY, retryErrors, retryOf, strategyOf } from './retry';

const objects = objectsOf([
  { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web', status: 'OutOfSync' },
  { kind: 'Service', namespace: 'shop', name: 'web', status: 'Synced' },
]);
const ASKING: Asking = {
  namespace: 'argocd',
  project: 'shop',
  targets: ['main'],
  hasSources: false,
  objects,
  dryRun: false,
};

describe('the request of a sync', () => {
  it('asks for everything at the revision of the application when nothing is chosen', () => {
    expect(requestOf(formOf(['main'], ['PruneLast=true']), ASKING)).toEqual({
      appNamespace: 'argocd',
      project: 'shop',
      revision: 'main',
      dryRun: false,
      prune: false,
      strategy: { hook: { force: false } },
      syncOptions: { items: ['PruneLast=true'] },
    });
  });

  it('names the chosen objects, the revision, the strategy and the retry', () => {
    const form = {
      ...formOf(['main'], []),
      revisions: [' v2 '],
      prune: true,
      force: true,
      applyOnly: true,
      retry: { ...NO_RETRY, on: true, limit: '3' },
      chosen: new Set(['apps/Deployment/shop/web']),
    };
    expect(requestOf(form, ASKING)).toMatchObject({
      revision: 'v2',
      prune: true,
      strategy: { apply: { force: true } },
      resources: [{ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' }],
      retryStrategy: { limit: 3, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
    });
  });

  it('sends the revisions of several sources with their places, and no others', () => {
    const asking = { ...ASKING, hasSources: true, targets: ['main', '1.*', ''] };
    expect(requestOf({ ...formOf(asking.targets, []), revisions: ['', '1.2.0', ''] }, asking)).toMatchObject({
      revisions: ['1.2.0'],
      sourcePositions: [2],
    });
    expect(requestOf(formOf(asking.targets, []), asking)).not.toHaveProperty('revisions');
  });

  it('retries no dry run', () => {
    const form = { ...formOf(['main'], []), retry: { ...NO_RETRY, on: true } };
    expect(requestOf(form, { ...ASKING, dryRun: true })).not.toHaveProperty('retryStrategy');
  });

  it('is not asked for with no object', () => {
    expect(refusalOf({ ...formOf([''], []), chosen: new Set() })).toContain('at least one');
    expect(refusalOf(formOf([''], []))).toBe('');
  });
});

describe('a retry', () => {
  it('is read and written without a loss', () => {
    const strategy = { limit: -1, refresh: true, backoff: { duration: '1m30s', factor: 3, maxDuration: '10m' } };
    expect(strategyOf(retryOf(strategy))).toEqual(strategy);
    expect(strategyOf(retryOf(undefined))).toBeUndefined();
  });

  it('says which field is wrong', () => {
    const wrong = { ...NO_RETRY, on: true, limit: 'two', duration: '5 s', factor: '0', maxDuration: '' };
    expect(Object.keys(retryErrors(wrong)).sort()).toEqual(['duration', 'factor', 'limit', 'maxDuration']);
    expect(retryErrors({ ...wrong, on: false })).toEqual({});
    expect(retryErrors({ ...NO_RETRY, on: true, duration: '90' })).toEqual({});
  });
});
