/** The annotations of a pin, as the controller reads them. */

import type { Application } from '@/api/schema';
import type { Deployment } from './deployments';

const PREFIX = 'fairlead.dev/pinned-';
const FIELDS = ['revisions', 'until', 'since', 'by', 'reason', 'newer-than'] as const;

export type Annotations = Record<string, string | null>;

/** What takes a pin away. */
export function noPin(): Annotations {
  return Object.fromEntries(FIELDS.map((field) => [PREFIX + field, null]));
}

/** A pin to a deployment; `untilNewer` lets it go when a commit comes after the one that is gone back from. */
export function pinOf(application: Application, deployment: Deployment, untilNewer: boolean): Annotations {
  const newerThan = untilNewer ? goneBackFrom(application) : '';
  return {
    ...noPin(),
    [`${PREFIX}revisions`]: deployment.sources.map((source) => source.revision).join(','),
    ...(newerThan ? { [`${PREFIX}newer-than`]: newerThan } : {}),
  };
}

/** What a newer commit is newer than. An application that is pinned already says what it was first gone back from, if
 * anything: what it is compared with now is nothing that its branches are at. "" where nobody knows. */
export function goneBackFrom(application: Application, now = Date.now()): string {
  const said = application.metadata?.annotations ?? {};
  const until = said[`${PREFIX}until`];
  const isOver = until !== undefined && Date.parse(until) <= now;
  if (said[`${PREFIX}revisions`] && !isOver) return said[`${PREFIX}newer-than`] ?? '';
  const sync = application.status?.sync;
  return sync?.revisions?.length ? sync.revisions.join(',') : (sync?.revision ?? '');
}

/** Why an application cannot be pinned to a deployment, or "". */
export function pinRefusal(application: Application, deployment: Deployment): string {
  const count = application.spec?.sources?.length || 1;
  if (deployment.sources.length !== count) return 'It was made of another number of sources.';
  return deployment.sources.every((source) => source.revision) ? '' : 'Its revision is not known.';
}
