import { expect, test } from 'vitest';
import { statesOf } from './states';

const object = (replicas: number) => JSON.stringify({ kind: 'Deployment', spec: { replicas, paused: false } });

test('an object differs where a sync would change it', () => {
  const found = statesOf({
    liveState: object(9),
    normalizedLiveState: object(2),
    targetState: object(3),
    predictedLiveState: object(3),
  });
  expect(found.kind).toBe('differs');
  expect(found.left).toContain('replicas: 2');
  expect(found.right).toContain('replicas: 3');
});

test('the order of fields is no difference', () => {
  const found = statesOf({
    normalizedLiveState: '{"a":{"x":1,"y":[{"p":1,"q":2}]},"b":2}',
    targetState: '{"a":1}',
    predictedLiveState: '{"b":2,"a":{"y":[{"q":2,"p":1}],"x":1}}',
  });
  expect(found.kind).toBe('same');
});

test('an object that is on one side alone is missing, or too much', () => {
  const none = 'null';
  const missing = { liveState: none, normalizedLiveState: none, targetState: object(1), predictedLiveState: object(1) };
  expect(statesOf(missing)).toMatchObject({ kind: 'missing', left: '' });
  const extra = { liveState: object(1), normalizedLiveState: object(1), targetState: none, predictedLiveState: none };
  expect(statesOf(extra)).toMatchObject({ kind: 'extra', right: '' });
  expect(statesOf({}).kind).toBe('unknown');
});
