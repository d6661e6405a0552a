import { expect, test } from 'vitest';
import type { Application } from '@/api/schema';
import { deploymentsOf } from './deployments';
import { goneBackFrom, pinOf, pinRefusal } from './pin';

const application = {
  metadata: { name: 'web' },
  spec: { source: { repoURL: 'https://git.example/a.git' } },
  status: { sync: { status: 'OutOfSync', revision: 'bbb' } },
} as Application;
const source = { repoURL: 'https://git.example/a.git', path: '.' };
const [deployment] = deploymentsOf([{ id: 3, revision: 'aaa', source, deployedAt: '2030-01-01T00:00:00Z' }]);

test('a pin names the revisions of a deployment, and from which commit on a newer one lets it go', () => {
  if (!deployment) throw new Error('none');
  expect(pinOf(application, deployment, true)).toMatchObject({
    'fairlead.dev/pinned-revisions': 'aaa',
    'fairlead.dev/pinned-newer-than': 'bbb',
    'fairlead.dev/pinned-until': null,
  });
  expect(pinOf(application, deployment, false)['fairlead.dev/pinned-newer-than']).toBeNull();
  expect(pinRefusal(application, deployment)).toBe('');
  expect(pinRefusal(application, { ...deployment, sources: [] })).toContain('number of sources');
});

test('who goes back further is let go by what is newer than what was gone back from first', () => {
  const pinned = (said: Record<string, string>) =>
    ({
      ...application,
      metadata: {
        name: 'web',
        annotations: Object.fromEntries(
          Object.entries(said).map(([name, text]) => [`fairlead.dev/pinned-${name}`, text]),
        ),
      },
    }) as Application;
  expect(goneBackFrom(pinned({ revisions: 'aab', 'newer-than': 'ccc' }))).toBe('ccc');
  expect(goneBackFrom(pinned({ revisions: 'aab' }))).toBe('');
  expect(goneBackFrom(pinned({ revisions: 'aab', until: '2020-01-01T00:00:00Z', 'newer-than': 'ccc' }))).toBe('bbb');
});
