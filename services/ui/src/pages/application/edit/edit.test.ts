import { describe, expect, it } from 'vitest';
import { Draft } from '@/kubernetes/draft';
import { withOrigin } from '../parameters/SourceForm';
import { isAtLeast } from '../sync/use_operation';
import { withCluster } from './DestinationForm';
import { switched } from './PolicyForm';

describe('a destination', () => {
  it('is a cluster by its name or by its address, never both', () => {
    const named = withCluster(Draft.of({ spec: { destination: { server: 'https://a', namespace: 'n' } } }), 'prod');
    expect(named.map(['spec', 'destination'])).toEqual({ namespace: 'n', name: 'prod' });
    const addressed = withCluster(named, 'https://b');
    expect(addressed.map(['spec', 'destination'])).toEqual({ namespace: 'n', server: 'https://b' });
  });
});

describe('auto-sync', () => {
  const policy = (automated: unknown) => Draft.of({ spec: { syncPolicy: { automated } } });

  it('keeps its other words when it is switched off, and on again', () => {
    const off = switched(policy({ prune: true }), false);
    expect(off.get(['spec', 'syncPolicy', 'automated'])).toEqual({ prune: true, enabled: false });
    expect(switched(off, true).get(['spec', 'syncPolicy', 'automated'])).toEqual({ prune: true });
  });

  it('leaves nothing behind where it said nothing', () => {
    expect(switched(policy({}), false).map(['spec'])).toEqual({});
    expect(switched(Draft.of({ spec: {} }), true).map(['spec'])).toEqual({ syncPolicy: { automated: {} } });
  });
});

describe('a source', () => {
  it('becomes a chart without its path, and a path without its chart', () => {
    const git = Draft.of({ spec: { source: { repoURL: 'https://git/x', path: 'a', targetRevision: 'main' } } });
    const chart = withOrigin(git, ['spec', 'source'], 'helm');
    expect(chart.map(['spec', 'source'])).toEqual({ repoURL: 'https://git/x', targetRevision: '', chart: '' });
    const oci = withOrigin(chart, ['spec', 'source'], 'oci');
    expect(oci.map(['spec', 'source'])).toEqual({ repoURL: 'oci://git/x', targetRevision: '', path: '.' });
  });
});

describe('versions of an object', () => {
  it.each([
    ['10', '9', true],
    ['9', '10', false],
    ['10', '10', true],
    [undefined, '1', false],
    ['opaque', '1', false],
    ['same', 'same', true],
  ])('%s is at least %s: %s', (version, than, is) => {
    expect(isAtLeast(version, than)).toBe(is);
  });
});
