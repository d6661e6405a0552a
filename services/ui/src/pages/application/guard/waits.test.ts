import { expect, test } from 'vitest';
import { application } from '../example';
import { approval, heldOf } from './waits';

const END =
  '. To let it go: `fairlead app confirm-deletion web`, or the annotation argocd.argoproj.io/deletion-approved with the time; to stop it: end the operation; never to be asked: sync option GuardPrune=false. Confirmations since 2030-01-01T00:00:00Z count (list s0123abcd).';
const held = (text: string, resources: object[] = []) =>
  heldOf(
    application({
      status: {
        resources,
        conditions: [{ type: 'PruneGuardWarning', message: `Pruning waits to be confirmed. ${text}${END}` }],
      },
    }),
  );

test('a prune of too much shows its extent and all that would go', () => {
  const resources = ['a', 'b', 'c'].map((name) => ({
    kind: 'ConfigMap',
    namespace: 'shop',
    name,
    requiresPruning: true,
  }));
  const found = held(
    'It would delete 3 of 4 objects (75%, where more than 50% waits): ConfigMap/shop/a and 2 more',
    resources,
  );
  expect(found?.reason).toBe('It would delete 3 of 4 objects (75%, where more than 50% waits).');
  expect(found?.items).toEqual(['ConfigMap/shop/a', 'ConfigMap/shop/b', 'ConfigMap/shop/c']);
  expect(found?.more).toBe(0);
});

test('what the page has no whole list of is counted', () => {
  expect(
    held('It would delete 30 of 40 objects (75%, where more than 50% waits): ConfigMap/shop/a and 29 more'),
  ).toMatchObject({
    items: ['ConfigMap/shop/a'],
    more: 29,
  });
});

test('kinds that take others along are named with what goes with them', () => {
  const found = held(
    'It would delete Namespace/shop and all that is in it, PersistentVolumeClaim/shop/data and what is stored in it',
  );
  expect(found?.items).toEqual([
    'Namespace/shop and all that is in it',
    'PersistentVolumeClaim/shop/data and what is stored in it',
  ]);
});

test('an application that waits for nobody has nothing held', () => {
  expect(heldOf(application())).toBeNull();
});

test('the approval is the time in whole seconds, and of the list that was shown', () => {
  const { list } = held('It would delete ConfigMap shop/a') ?? {};
  expect(JSON.parse(approval(new Date('2030-01-01T00:00:00.123Z'), list))).toEqual({
    metadata: {
      annotations: {
        'argocd.argoproj.io/deletion-approved': '2030-01-01T00:00:00Z',
        'fairlead.dev/approved-list': '2030-01-01T00:00:00Z s0123abcd',
      },
    },
  });
});
