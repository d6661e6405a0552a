import { expect, test } from 'vitest';
import type { Waiting as Said } from '@/api/schema';
import { application, deployment, node } from '../example';
import { joined } from '../model';
import { hindranceWords, waitingOf } from './awaited';

const STARTED = '2030-01-01T00:00:00Z';
const running = (more: object = {}, resources: object[] = []) =>
  application({
    status: {
      operationState: { phase: 'Running', startedAt: STARTED, syncResult: { resources }, ...more },
    },
  });
const web: Said = {
  reason: 'objects',
  startedAt: STARTED,
  phase: 'Sync',
  wave: 3,
  objects: [{ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web', what: 'health', since: STARTED }],
};

test('what is waited for is named with what keeps it', () => {
  const by = { kind: 'Pod', name: 'web-0', container: 'main', reason: 'CrashLoopBackOff', message: 'it ended' };
  const said = { ...web, objects: web.objects?.map((one) => ({ ...one, by })) ?? [] };
  const resources = [{ kind: 'ConfigMap', name: 'done', status: 'Synced', hookPhase: 'Succeeded' }];
  const waiting = waitingOf(running({}, resources), said, new Map());
  expect(waiting?.facts).toEqual(['the sync itself', 'wave 3', '1 of 1 object done']);
  expect(waiting?.awaited).toEqual([
    {
      application: '',
      key: 'apps/Deployment/shop/web',
      kind: 'Deployment',
      name: 'web',
      what: 'to become healthy',
      since: STARTED,
      until: '',
      reasons: ['Pod web-0, container main: CrashLoopBackOff: it ended'],
    },
  ]);
});

test('what the controller did not look into is explained by the tree', () => {
  const app = running();
  const waiting = waitingOf(app, web, joined(app, deployment('web', 2, 'Degraded'), []));
  expect(waiting?.awaited[0]?.reasons[0]).toBe('Pod web-7d4b9-0: CrashLoopBackOff');
});

test('what another operation waited for is not said of this one', () => {
  const waiting = waitingOf(
    running({ message: 'it has begun' }),
    { ...web, startedAt: '2029-01-01T00:00:00Z' },
    new Map(),
  );
  expect(waiting).toMatchObject({ message: 'it has begun', awaited: [], title: 'A sync runs' });
});

test('a sync that has not begun says which applications it waits for, and leads to them', () => {
  const database = { group: 'argoproj.io', kind: 'Application', namespace: 'argocd', name: 'database' };
  const by = { kind: 'Application', name: 'database', message: 'it is OutOfSync' };
  const said: Said = { reason: 'dependencies', objects: [{ ...database, what: 'readiness', by }] };
  expect(waitingOf(application({ status: {} }), said, new Map())).toMatchObject({
    title: 'A sync waits for what it depends on',
    operation: 'none',
    awaited: [
      {
        name: 'database',
        what: 'to be ready',
        reasons: ['it is OutOfSync'],
        application: '/applications/argocd/database',
      },
    ],
  });
});

test('the next attempt says which and when', () => {
  const said: Said = { reason: 'retry', startedAt: STARTED, attempt: 2, until: '2030-01-01T00:01:00Z' };
  const app = running({ operation: { retry: { limit: 5 } } });
  expect(waitingOf(app, said, new Map())).toMatchObject({
    title: 'A sync is tried again',
    next: '2030-01-01T00:01:00Z',
    facts: ['attempt 3 of 6'],
  });
});

test('a deletion says what holds it', () => {
  const app = application({ metadata: { deletionTimestamp: STARTED } });
  const claim = { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data', what: 'deletion' as const };
  const by = { reason: 'finalizers', message: 'kubernetes.io/pvc-protection' };
  const waiting = waitingOf(
    app,
    { reason: 'deletion', message: 'deletion of data', objects: [{ ...claim, by }] },
    joined(app, [node('PersistentVolumeClaim', 'data')], []),
  );
  expect(waiting).toMatchObject({ operation: 'none', message: 'Waiting for deletion of data' });
  expect(waiting?.awaited[0]?.reasons).toEqual(['held by finalizer kubernetes.io/pvc-protection']);
});

test('an object that keeps itself is not named twice', () => {
  const by = { kind: 'Pod', name: 'a', reason: 'Unschedulable', message: 'no node' };
  expect(hindranceWords(by, { kind: 'Pod', name: 'a' })).toBe('Unschedulable: no node');
});

test('nothing is waited for when no operation runs', () => {
  expect(waitingOf(application(), web, new Map())).toBeNull();
});
