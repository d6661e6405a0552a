import { describe, expect, test } from 'vitest';
import { askedOf, attemptWords, causeOf, outcomesOf } from './result';

describe('what an operation did', () => {
  test('what failed comes first, hooks say how far they ran', () => {
    const resources = [
      { kind: 'ConfigMap', name: 'a', status: 'Synced', syncPhase: 'Sync', message: 'configmap/a created' },
      { kind: 'Job', name: 'b', hookType: 'PreSync', hookPhase: 'Succeeded', syncPhase: 'PreSync' },
      { kind: 'Service', name: 'c', status: 'PruneSkipped', message: 'ignored (no prune)' },
      { kind: 'Deployment', name: 'd', status: 'Synced', hookPhase: 'Running', syncPhase: 'Sync' },
      { kind: 'Secret', name: 'e', status: 'SyncFailed', message: 'forbidden', syncPhase: 'Sync' },
    ];
    const found = outcomesOf({ syncResult: { resources } });
    expect(found.map(({ name, word, tone, phase }) => [name, word, tone, phase])).toEqual([
      ['e', 'Failed', 'bad', 'Sync'],
      ['d', 'Applied, not healthy yet', 'busy', 'Sync'],
      ['c', 'Kept', 'warn', ''],
      ['a', 'Applied', 'ok', 'Sync'],
      ['b', 'Succeeded', 'ok', 'PreSync hook'],
    ]);
  });

  test('what is applied is not waited for any more once it is over', () => {
    const resources = [{ kind: 'ConfigMap', name: 'a', status: 'Synced', hookPhase: 'Running' }];
    expect(outcomesOf({ finishedAt: '2030-01-01T00:00:00Z', syncResult: { resources } })[0]?.word).toBe('Applied');
  });

  test('its cause is a person, a commit or a change outside Git', () => {
    expect(causeOf({ operation: { initiatedBy: { username: 'ann' } } })).toBe('Asked for by ann');
    expect(causeOf({ operation: { initiatedBy: { automated: true } } })).toBe('By itself: it differed from Git');
    const healing = { initiatedBy: { automated: true }, sync: { autoHealAttemptsCount: 3 } };
    expect(causeOf({ operation: healing })).toBe('By itself: it was changed outside Git, heal 3 in a row');
  });

  test('how it was asked to sync', () => {
    const sync = {
      prune: true,
      syncStrategy: { hook: { force: true } },
      resources: [{}],
      syncOptions: ['Replace=true'],
    };
    expect(askedOf({ operation: { sync } })).toEqual(['prune', 'force', 'only 1 object', 'Replace=true']);
  });

  test('which attempt of how many', () => {
    expect(attemptWords({})).toBe('');
    expect(attemptWords({ retryCount: 1, operation: { retry: { limit: 5 } } })).toBe('attempt 2 of at most 6');
    expect(attemptWords({ retryCount: 1, operation: { retry: { limit: -1 } } })).toBe('attempt 2, without an end');
  });
});
