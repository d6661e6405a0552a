/** How the hydration of an application fares, in plain words. */

import type { Tone } from '@/text/status';
import type { Application } from '../model';
import { type Phrase, shortRevision } from './words';

const HYDRATE = 'argocd.argoproj.io/hydrate';

/** Null for an application that is not hydrated. */
export function hydrationPhrase(application: Application): Phrase | null {
  const hydrator = application.spec?.sourceHydrator;
  if (!hydrator) return null;
  const { currentOperation: now, lastSuccessfulOperation: last } = application.status?.sourceHydrator ?? {};
  const branch = hydrator.hydrateTo?.targetBranch || hydrator.syncSource?.targetBranch || '';
  const dry = hydrator.drySource?.targetRevision || 'HEAD';
  const say = (tone: Tone, text: string, detail: string, at?: string): Phrase => ({
    topic: 'hydration',
    tone,
    text,
    detail,
    at: at ?? '',
  });
  const stands = last?.drySHA
    ? `${branch} has ${shortRevision(last.drySHA)}${last.hydratedSHA ? ` as ${shortRevision(last.hydratedSHA)}` : ''}`
    : `Nothing is on ${branch} yet`;
  switch (now?.phase) {
    case 'Hydrated':
      return say('ok', `Hydrated ${revisionWords(dry, now.drySHA)}`, stands, now.finishedAt);
    case 'Failed':
      return say('bad', `Could not hydrate ${revisionWords(dry, now.drySHA)}`, now.message ?? '', now.finishedAt);
    case 'Hydrating':
      return say('busy', `Hydrating ${revisionWords(dry, now.drySHA)}`, stands, now.startedAt);
    default:
      return say('neutral', `${dry} was not hydrated yet`, `What stands on ${branch} is deployed as it is.`);
  }
}

/** The change that asks for a hydration; at is when it is asked, in milliseconds. */
export function hydrationRequest(at: number): string {
  const annotations = { [HYDRATE]: 'normal', [`${HYDRATE}-timestamp`]: new Date(at).toISOString() };
  return JSON.stringify({ metadata: { annotations } });
}

function revisionWords(target: string, commit: string | undefined): string {
  return commit ? `${target} (${shortRevision(commit)})` : target;
}
