import { expect, test } from 'vitest';
import type { HeldBack } from '@/api/schema';
import { application } from '../example';
import { approval, heldOf } from './waits';

const STARTED = '2030-01-01T00:00:00Z';
const running = (more: object = {}) =>
  application({ status: { operationState: { phase: 'Running', startedAt: STARTED }, ...more } });
const told: HeldBack = {
  what: 'prune',
  by: 'share',
  startedAt: STARTED,
  objects: [
    { kind: 'Namespace', name: 'shop', takes: 'contents' },
    { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' },
  ],
  more: 1,
  going: 3,
  living: 4,
  share: 50,
  since: STARTED,
  list: 's0123abcd',
};

test('a prune of too much shows its extent and what would go with what', () => {
  const found = heldOf(running(), told, true);
  expect(found?.reason).toBe('It would delete 3 of 4 objects (75%); where more than 50% would go, a person is asked.');
  expect(found?.items.map((one) => one.words)).toEqual([
    'Namespace shop and all that is in it',
    'apps/Deployment shop/web',
  ]);
  expect(found).toMatchObject({ more: 1, refused: '', list: 's0123abcd', isKnown: true });
});

test('what waited in another operation does not wait in this one', () => {
  expect(heldOf(running(), { ...told, startedAt: '2029-01-01T00:00:00Z' }, true)).toBeNull();
});

test('a confirmation that does not count says why', () => {
  const refused = { ...told, refused: STARTED, why: 'is older than this list' };
  expect(heldOf(running(), refused, true)?.refused).toBe(
    'The last confirmation is older than this list, so it does not count.',
  );
});

test('a deletion that waits is one of an application that is being deleted', () => {
  const waits: HeldBack = { what: 'deletion', by: 'option', objects: [], since: STARTED };
  expect(heldOf(application(), waits, true)).toBeNull();
  expect(heldOf(application({ metadata: { deletionTimestamp: STARTED } }), waits, true)?.what).toBe('deletion');
});

test('what the controller does not tell now cannot be confirmed', () => {
  const conditions = [{ type: 'PruneGuardWarning', message: 'Pruning waits to be confirmed.' }];
  expect(heldOf(running({ conditions }), undefined, true)).toMatchObject({
    reason: 'Pruning waits to be confirmed.',
    isKnown: false,
  });
  expect(heldOf(running({ conditions }), undefined, false)).toBeNull();
});

test('an application that waits for nobody has nothing held', () => {
  expect(heldOf(application(), undefined, true)).toBeNull();
});

test('the approval is the time in whole seconds, and of the list that was shown', () => {
  expect(JSON.parse(approval(Date.parse('2030-01-01T00:00:00.123Z'), 's0123abcd'))).toEqual({
    metadata: {
      annotations: {
        'argocd.argoproj.io/deletion-approved': STARTED,
        'fairlead.dev/approved-list': `${STARTED} s0123abcd`,
      },
    },
  });
});

test('an application that would go says how many go along', () => {
  const child = { group: 'argoproj.io', kind: 'Application', namespace: 'argocd', name: 'web', along: 12 };
  expect(heldOf(running(), { ...told, objects: [child] }, true)?.items[0]?.words).toBe(
    'argoproj.io/Application argocd/web and 12 objects that it deployed',
  );
});
