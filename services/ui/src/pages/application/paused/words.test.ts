import { expect, test } from 'vitest';
import { meanwhile, pausedWords } from './words';

test('a pause says whose it is, by whom and why', () => {
  expect(pausedWords({ scope: 'application', by: 'ann', reason: 'INC-482' })).toBe('Paused by ann: INC-482');
  expect(pausedWords({ scope: 'project', name: 'shop', frozen: true })).toBe('Frozen with project shop');
  expect(pausedWords({ scope: 'instance', problem: 'no time' })).toContain('holds until that is mended');
});

test('one freeze among pauses keeps people from syncing, too', () => {
  expect(meanwhile([{ scope: 'application' }])).toContain('a person may sync');
  expect(meanwhile([{ scope: 'application' }, { scope: 'cluster', frozen: true }])).toContain('by hand neither');
});
