import { describe, expect, test } from 'vitest';
import { application } from '../example';
import {
  automationPhrase,
  conditionsOf,
  conditionTitle,
  healthPhrase,
  operationPhrase,
  shortRevision,
  syncPhrase,
  windowPhrase,
} from './words';

const SHA = '0da637be0bd0a308d3a694f270f6b592c617cda9';

describe('the state of an application in words', () => {
  test('in sync with which commit', () => {
    const app = application({ status: { sync: { status: 'Synced', revision: SHA } } });
    expect(syncPhrase(app)).toMatchObject({ tone: 'ok', text: 'Synced with main (0da637b)' });
  });

  test('how many objects differ, and how many would be pruned', () => {
    const resources = [
      { kind: 'Service', name: 'a', status: 'OutOfSync', requiresPruning: true },
      { kind: 'Service', name: 'b', status: 'Synced' },
      { kind: 'Job', name: 'c', hook: true },
    ];
    const app = application({ status: { resources, sync: { status: 'OutOfSync', revision: SHA } } });
    expect(syncPhrase(app)).toMatchObject({
      tone: 'warn',
      text: '1 of 2 objects differs from main (0da637b)',
      detail: '1 object would be pruned: Git does not have it any more.',
    });
  });

  test('an unknown state says why', () => {
    const conditions = [
      { type: 'OrphanedResourceWarning', message: 'two orphans' },
      { type: 'ComparisonError', message: 'no such path' },
    ];
    const app = application({ status: { conditions, sync: { status: 'Unknown' } } });
    expect(syncPhrase(app)).toMatchObject({ tone: 'bad', detail: 'no such path' });
    expect(conditionsOf(app).map((one) => one.severity)).toEqual(['error', 'warning']);
    expect(conditionTitle('OrphanedResourceWarning')).toBe('Orphaned resource');
  });

  test('the health says why in the words of the worst object', () => {
    const app = application({ status: { health: { status: 'Degraded' } } });
    expect(healthPhrase(app, 'Deployment web: no node')).toMatchObject({
      tone: 'bad',
      detail: 'Deployment web: no node',
    });
    expect(healthPhrase(application({ status: { health: { status: 'Healthy' } } }), 'x').detail).toBe('');
  });

  test('an application that was never compared says so', () => {
    expect(syncPhrase(application()).text).toBe('Not compared yet');
    expect(healthPhrase(application()).tone).toBe('busy');
    expect(operationPhrase(application())).toBeNull();
  });

  test('an operation says what, by whom, and what it says itself', () => {
    const operationState = {
      phase: 'Running',
      message: 'waiting for healthy state of apps/Deployment/web',
      startedAt: '2030-01-01T00:00:00Z',
      operation: { initiatedBy: { username: 'ann' }, sync: { revision: SHA } },
    };
    const running = application({ status: { operationState } });
    expect(operationPhrase(running)).toMatchObject({ tone: 'busy', text: 'Sync to 0da637b runs, by ann' });
    const between = application({
      status: { operationState: { ...operationState, finishedAt: '2030-01-01T00:00:04Z' } },
    });
    expect(operationPhrase(between)).toMatchObject({
      tone: 'warn',
      text: 'Sync to 0da637b failed and is tried again, by ann',
    });
    const ended = { ...operationState, phase: 'Succeeded', finishedAt: '2030-01-01T00:00:04Z' };
    const done = operationPhrase(application({ status: { operationState: ended } }));
    expect(done).toMatchObject({ tone: 'ok', detail: 'It took 4 s.', at: '2030-01-01T00:00:04Z' });
  });

  test('how it is synced', () => {
    const of = (automated: object) => automationPhrase(application({ spec: { syncPolicy: { automated } } })).text;
    expect(of({ prune: true, selfHeal: true })).toBe('Synced automatically, prunes and heals');
    expect(of({ enabled: false })).toBe('Auto-sync is paused');
    expect(automationPhrase(application()).text).toBe('Synced by hand only');
    const annotations = { 'argocd.argoproj.io/skip-reconcile': 'true' };
    expect(automationPhrase(application({ metadata: { annotations } })).text).toMatch(/^Paused/);
  });

  test('what windows allow', () => {
    const deny = { kind: 'deny', schedule: '0 22 * * *', duration: '2h' };
    expect(windowPhrase({ canSync: true })).toBeNull();
    expect(windowPhrase({ canSync: false, assignedWindows: [deny], activeWindows: [deny] })).toMatchObject({
      tone: 'warn',
      detail: 'deny 0 22 * * * for 2h. Nobody may sync, by hand neither.',
    });
    const allow = { ...deny, kind: 'allow' };
    expect(windowPhrase({ canSync: true, assignedWindows: [allow] })?.text).toBe('Outside of its sync windows');
  });

  test('commits are short, versions whole', () => {
    expect(shortRevision(SHA)).toBe('0da637b');
    expect(shortRevision('1.2.3')).toBe('1.2.3');
    expect(shortRevision('')).toBe('');
  });
});
