import { expect, it } from 'vitest';
import { hasFailed, isOf, isRunning, operationOf, sorted } from './operation';

it('reads a state of an operation, whatever is missing from it', () => {
  expect(operationOf(undefined)).toBeNull();
  expect(operationOf({})).toBeNull();
  expect(operationOf({ phase: 'Running' })).toMatchObject({ phase: 'Running', rows: [], revision: '', dryRun: false });
});

it('tells who asked for what, and the revisions of several sources', () => {
  const state = operationOf({
    phase: 'Succeeded',
    startedAt: '2026-01-01T00:00:00Z',
    operation: { initiatedBy: { username: 'ann' }, sync: { dryRun: true, resources: [{ kind: 'Pod', name: 'a' }] } },
    syncResult: { revision: '', revisions: ['abc', '1.2'], resources: [{ kind: 'Pod', name: 'a', status: 'Synced' }] },
  });
  expect(state).toMatchObject({ initiatedBy: 'ann', dryRun: true, partial: true, revision: 'abc, 1.2' });
  expect(isRunning(state)).toBe(false);
});

it('knows another operation by its start', () => {
  const state = operationOf({ phase: 'Running', startedAt: '2026-01-01T00:00:05Z' });
  expect(isOf(state, '2026-01-01T00:00:00Z')).toBe(true);
  expect(isOf(state, '2026-01-01T00:00:05Z')).toBe(false);
  expect(isOf(null, '')).toBe(false);
});

it('puts what failed first and leaves the rest in its order', () => {
  const state = operationOf({
    phase: 'Failed',
    syncResult: {
      resources: [
        { name: 'a', status: 'Synced' },
        { name: 'b', status: 'SyncFailed' },
        { name: 'c', status: 'Synced', hookPhase: 'Failed' },
        { name: 'd', status: 'Pruned' },
      ],
    },
  });
  const rows = sorted(state?.rows ?? []);
  expect(rows.map((row) => row.name)).toEqual(['b', 'c', 'a', 'd']);
  expect(rows.filter(hasFailed)).toHaveLength(2);
});
