import { describe, expect, it } from 'vitest';
import { LINES, QUESTIONS, toldOf } from './rights';

describe('the table of rights', () => {
  it('is not told before every answer is there', () => {
    expect(toldOf([])).toBeNull();
    expect(toldOf(QUESTIONS.map((_, at) => (at === 3 ? undefined : true)))).toBeNull();
  });

  it('tells what may be done to all, and what to some', () => {
    const told = toldOf(QUESTIONS.map(({ action, object }) => action === 'get' || object === undefined));
    const applications = told?.find(({ resource }) => resource === 'applications');
    expect(applications?.all).toEqual(['get']);
    expect(applications?.some).toEqual(['create', 'update', 'delete', 'sync', 'rollback', 'override']);
    expect(told).toHaveLength(LINES.length);
  });

  it('asks no more than one request holds', () => {
    expect(QUESTIONS.length).toBeLessThan(250);
  });
});
