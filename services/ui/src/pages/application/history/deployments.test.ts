import { expect, it } from 'vitest';
import { deploymentsOf, isAutomated, rollbackRefusal, tookOf } from './deployments';

it('tells deployments newest first, with a revision for each source', () => {
  const [newest, first] = deploymentsOf([
    {
      id: 0,
      revision: 'abc',
      source: { repoURL: 'r', path: 'p' },
      deployedAt: '2026-01-01T00:00:10Z',
      deployStartedAt: '2026-01-01T00:00:04Z',
    },
    {
      id: 1,
      revisions: ['d', '1.2'],
      sources: [
        { repoURL: 'r', path: 'p' },
        { repoURL: 'c', chart: 'web' },
      ],
      initiatedBy: { username: 'ann' },
    },
  ]);
  expect(newest).toMatchObject({
    id: 1,
    by: 'ann',
    sources: [
      { revision: 'd', isChart: false },
      { revision: '1.2', place: 'web', isChart: true },
    ],
  });
  expect(first && tookOf(first)).toBe(6000);
  expect(newest && tookOf(newest)).toBeNull();
});

it('knows automated sync by its block', () => {
  expect(isAutomated({ syncPolicy: { automated: {} } })).toBe(true);
  expect(isAutomated({ syncPolicy: { automated: { enabled: false } } })).toBe(false);
  expect(isAutomated({ syncPolicy: {} })).toBe(false);
  expect(isAutomated(undefined)).toBe(false);
});

it('says why a rollback cannot be', () => {
  expect(rollbackRefusal(false, false, false)).toBe('');
  expect(rollbackRefusal(true, false, false)).toContain('Auto-sync is on');
  expect(rollbackRefusal(false, true, false)).toContain('operation');
  expect(rollbackRefusal(true, true, true)).toContain('deleted');
});
