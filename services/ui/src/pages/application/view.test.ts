import { expect, test } from 'vitest';
import { application, node } from './example';
import { after, NOTHING } from './view';

const one = node('Service', 'one');
const other = node('Service', 'other');
const whole = after(NOTHING, { type: 'TREE', whole: true, nodes: [one, other], orphans: [node('Secret', 'lost')] });

test('a change of the tree replaces what it names and leaves the rest as it was', () => {
  const view = after(whole, {
    type: 'TREE',
    nodes: [{ ...one, health: { status: 'Degraded' } }],
    removed: ['/Service/shop/other'],
  });
  expect([...view.nodes.values()].map((found) => [found.name, found.health?.status])).toEqual([['one', 'Degraded']]);
  expect(view.orphans).toBe(whole.orphans);
});

test('a whole tree replaces everything', () => {
  const view = after(whole, { type: 'TREE', whole: true, nodes: [other] });
  expect(view.nodes.size).toBe(1);
  expect(view.orphans).toEqual([]);
});

test('each beginning of the stream is counted, and no change is', () => {
  const changed = after(whole, { type: 'TREE', nodes: [one] });
  expect([whole.beginnings, changed.beginnings]).toEqual([1, 1]);
  expect(after(changed, { type: 'TREE', whole: true, nodes: [one] }).beginnings).toBe(2);
});

test('a tree that cannot be told now says why and stays', () => {
  const view = after(whole, { type: 'TREE', problem: 'the controller is being replaced' });
  expect(view.nodes).toBe(whole.nodes);
  expect(view.problem).toBe('the controller is being replaced');
});

test('an application that was deleted stays on the page until it is made anew', () => {
  const gone = after(after(whole, { type: 'APPLICATION', application: application() }), { type: 'DELETED' });
  expect(gone).toMatchObject({ isDeleted: true, application: { metadata: { name: 'web' } } });
  expect(after(gone, { type: 'APPLICATION', application: application() }).isDeleted).toBe(false);
});

test('what is waited for is told whole each time', () => {
  const waiting = after(whole, { type: 'WAITING', outlook: { waiting: { reason: 'person' } } });
  expect(waiting.outlook.waiting?.reason).toBe('person');
  expect(waiting.nodes).toBe(whole.nodes);
  expect(after(waiting, { type: 'WAITING' }).outlook).toEqual({});
});
