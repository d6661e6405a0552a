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

/** A pin to a deployment; `untilNewer` lets it go when a commit comes after the one that is known now. */
export function pinOf(application: Application, deployment: Deployment, untilNewer: boolean): Annotations {
  const sync = application.status?.sync;
  const now = sync?.revisions?.length ? sync.revisions : [sync?.revision ?? ''];
  return {
    ...noPin(),
    [`${PREFIX}revisions`]: deployment.sources.map((source) => source.revision).join(','),
    ...(untilNewer ? { [`${PREFIX}newer-than`]: now.join(',') } : {}),
  };
}

/** Why an application cannot be pinned to a deployment, or "". */
export function pinRefusal(application: Application, deployment: Deployment): string {
  const count = application.spec?.sources?.length || 1;
  if (deployment.sources.length !== count) return 'It was made of another number of sources.';
  return deployment.sources.every((source) => source.revision) ? '' : 'Its revision is not known.';
}
