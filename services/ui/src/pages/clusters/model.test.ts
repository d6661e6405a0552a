import { describe, expect, it } from 'vitest';
import { countOf, groupsOf, objectOf, pathOf } from './model';

describe('a cluster', () => {
  it('is named by its server, which is escaped once', () => {
    expect(pathOf('https://10.0.0.1:6443', '/rotate-auth')).toBe(
      '/api/v1/clusters/https%3A%2F%2F10.0.0.1%3A6443/rotate-auth',
    );
    expect(objectOf({ server: 'https://a', project: 'team' })).toBe('team/https://a');
  });

  it('has so many applications, as a number or as text', () => {
    expect(countOf({ server: 'https://a', info: { applicationsCount: '3' } })).toBe(3);
    expect(countOf({ server: 'https://a' })).toBe(0);
  });

  it('serves kinds by group and version', () => {
    expect(groupsOf(['v1', 'apps/v1/Deployment', 'v1/Pod', 'apps/v1', 'apps/v1/DaemonSet'])).toEqual([
      { group: 'apps/v1', kinds: ['DaemonSet', 'Deployment'] },
      { group: 'v1', kinds: ['Pod'] },
    ]);
  });
});
