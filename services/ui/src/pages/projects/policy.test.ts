import { describe, expect, it } from 'vitest';
import { line, problemOfRoleName, problemsOf, ruleOf } from './policy';

const SYNC = { resource: 'applications', action: 'sync', object: '*', effect: 'allow' };

describe('a policy line', () => {
  it('is written as the server stores it', () => {
    expect(line('team', 'ci', SYNC)).toBe('p, proj:team:ci, applications, sync, team/*, allow');
  });

  it('is read again, however it is spaced', () => {
    expect(ruleOf('team', 'ci', 'p,proj:team:ci,applications,sync,team/*,allow')).toEqual(SYNC);
    expect(ruleOf('team', 'ci', line('team', 'ci', SYNC))).toEqual(SYNC);
  });

  it.each([
    'p, proj:team:other, applications, sync, team/*, allow',
    'p, proj:team:ci, applications, sync, else/*, allow',
    'g, somebody, proj:team:ci',
    '',
    'p, proj:team:ci, applications, sync, team/*, allow, more',
  ])('that is not this role’s is left as it is: %s', (text) => {
    expect(ruleOf('team', 'ci', text)).toBeNull();
  });

  it('is checked field by field before it is sent', () => {
    expect(problemsOf(SYNC)).toEqual({});
    expect(problemsOf({ ...SYNC, action: 'action/apps/Deployment/restart', object: 'ns/web-*' })).toEqual({});
    const problems = problemsOf({ resource: 'projects', action: 'fly', object: 'a/b/c', effect: 'maybe' });
    expect(Object.keys(problems)).toEqual(['resource', 'action', 'object', 'effect']);
  });
});

describe('a role’s name', () => {
  it('is one that the server takes, once', () => {
    expect(problemOfRoleName('ci-2', ['cd'])).toBe('');
    expect(problemOfRoleName('', [])).not.toBe('');
    expect(problemOfRoleName('-ci', [])).not.toBe('');
    expect(problemOfRoleName('ci', ['ci'])).toContain('already');
  });
});
