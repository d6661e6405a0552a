import { describe, expect, it } from 'vitest';
import { changedAll, idOf, stillThere, without } from './chosen';

const NIGHT = { kind: 'allow', schedule: '0 22 * * *', duration: '8h', applications: ['*'] };
const NOON = { kind: 'deny', schedule: '0 12 * * *', duration: '1h', clusters: ['prod'], futureField: 'kept' };
const WINDOWS = [NIGHT, NOON];

describe('several sync windows', () => {
  it('get what is said for all of them, and keep whatever else each says', () => {
    const chosen = new Set(WINDOWS.map(idOf));
    expect(changedAll(WINDOWS, chosen, { manualSync: true, duration: undefined })).toEqual([
      { ...NIGHT, manualSync: true },
      { ...NOON, manualSync: true },
    ]);
  });

  it('that are not chosen stay as they are', () => {
    const chosen = new Set([idOf(NOON)]);
    expect(changedAll(WINDOWS, chosen, { duration: '2h' })).toEqual([NIGHT, { ...NOON, duration: '2h' }]);
    expect(without(WINDOWS, chosen)).toEqual([NIGHT]);
  });

  it('are not chosen any more once somebody changed them', () => {
    const chosen = new Set(WINDOWS.map(idOf));
    expect([...stillThere([NIGHT, { ...NOON, duration: '3h' }], chosen)]).toEqual([idOf(NIGHT)]);
  });
});
