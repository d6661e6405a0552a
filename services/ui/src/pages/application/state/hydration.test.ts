import { describe, expect, test } from 'vitest';
import { application } from '../example';
import { sourcesOf } from '../model';
import { hydrationPhrase, hydrationRequest } from './hydration';

const DRY = '0da637be0bd0a308d3a694f270f6b592c617cda9';
const HYDRATED = 'f9c1b2d3e4a5968778695a4b3c2d1e0f00112233';
const HYDRATOR = {
  drySource: { repoURL: 'https://git.example/dry', targetRevision: 'main', path: 'web' },
  syncSource: { targetBranch: 'env/prod', path: 'web' },
};

describe('the hydration of an application in words', () => {
  test('nothing of one that has none', () => {
    expect(hydrationPhrase(application({}))).toBeNull();
  });

  test('which dry commit is which commit of the branch', () => {
    const app = application({
      spec: { sourceHydrator: HYDRATOR },
      status: {
        sourceHydrator: {
          currentOperation: { phase: 'Hydrated', drySHA: DRY, finishedAt: '2030-01-02T03:04:05Z' },
          lastSuccessfulOperation: { drySHA: DRY, hydratedSHA: HYDRATED },
        },
      },
    });
    expect(hydrationPhrase(app)).toMatchObject({
      tone: 'ok',
      text: 'Hydrated main (0da637b)',
      detail: 'env/prod has 0da637b as f9c1b2d',
      at: '2030-01-02T03:04:05Z',
    });
  });

  test('a failure says why', () => {
    const app = application({
      spec: { sourceHydrator: { ...HYDRATOR, hydrateTo: { targetBranch: 'env/prod-next' } } },
      status: { sourceHydrator: { currentOperation: { phase: 'Failed', message: 'no such chart', drySHA: DRY } } },
    });
    expect(hydrationPhrase(app)).toMatchObject({
      tone: 'bad',
      text: 'Could not hydrate main (0da637b)',
      detail: 'no such chart',
    });
  });

  test('what is deployed is the branch, in the dry repository unless another is named', () => {
    const app = application({ spec: { sourceHydrator: HYDRATOR } });
    expect(sourcesOf(app)).toEqual([{ repoURL: 'https://git.example/dry', path: 'web', targetRevision: 'env/prod' }]);
  });

  test('it is asked for by an annotation with its moment', () => {
    expect(JSON.parse(hydrationRequest(0)).metadata.annotations).toEqual({
      'argocd.argoproj.io/hydrate': 'normal',
      'argocd.argoproj.io/hydrate-timestamp': '1970-01-01T00:00:00.000Z',
    });
  });
});
