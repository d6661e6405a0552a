import { expect, test } from 'vitest';
import { application, deployment, node } from '../example';
import { joined, type TreeNode, type TreeObject } from '../model';
import { detailOf, reasonOf } from './label';
import { worstOf } from './trouble';

function only(one: TreeNode): TreeObject {
  const [found] = joined(application(), [one], []).values();
  if (!found) throw new Error('there is none');
  return found;
}

test('an object says why it is not well in its own words, else in plain ones', () => {
  const health = (status: string, message = '') => only(node('Deployment', 'web', { health: { status, message } }));
  expect(reasonOf(health('Degraded', 'exceeded its progress deadline'))).toBe('exceeded its progress deadline');
  expect(reasonOf(health('Missing'))).toBe('Git has it, the cluster does not');
  expect(reasonOf(health('Suspended'))).toBe('It waits to be resumed');
  expect(reasonOf(health('Unknown'))).toBe('How it fares could not be found out');
  expect(reasonOf(health('Healthy'))).toBe('');
  expect(reasonOf(only(node('ConfigMap', 'a', { sync: 'OutOfSync' })))).toBe('It differs from Git');
  expect(reasonOf(only(node('ConfigMap', 'a', { requiresPruning: true })))).toBe('Git does not have it any more');
});

test('a card has the reason where there is one, else what there is to know', () => {
  const [pod] = deployment('web', 1, 'Degraded').slice(-1);
  expect(pod && detailOf(only(pod))).toBe('CrashLoopBackOff · 0/1');
  expect(detailOf(only(node('Deployment', 'web', { health: { status: 'Degraded', message: 'too slow' } })))).toBe(
    'too slow',
  );
  const ingress = node('Ingress', 'web', { networkingInfo: { externalURLs: ['https://shop.example/'] } });
  expect(detailOf(only(ingress))).toBe('shop.example');
});

test('the worst object is one that Git has', () => {
  const nodes = deployment('web', 2, 'Degraded').toReversed();
  expect(worstOf(joined(application(), nodes, []).values(), 'Degraded')?.kind).toBe('Deployment');
  expect(worstOf(joined(application(), nodes, []).values(), 'Missing')).toBeNull();
});
