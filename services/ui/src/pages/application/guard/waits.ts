/**
 * A prune or a deletion that waits for a person: what would go, why it waits, and how it is let go.
 *
 * Invariant: what is listed is what the server says waits; nothing is left out of the list without a count.
 */

import { type Application, keyOf, type ResourceStatus } from '../model';
import { conditionsOf, toPrune } from '../state/words';

/** Approves what waits; its value is the time. */
export const APPROVED = 'argocd.argoproj.io/deletion-approved';
/** Says of which list of prunes an approval is: its time, a blank, and the list. */
const APPROVED_LIST = 'fairlead.dev/approved-list';

export interface Held {
  what: 'prune' | 'deletion';
  reason: string;
  items: string[];
  more: number;
  /** Which list of prunes it is, where the server tells one from another. */
  list?: string;
}

const MARK = /\(list (?<mark>[sk][0-9a-f]{8})\)\.$/;
const LIST = /It would delete (?<extent>[^:]*?: |)(?<names>.*?)(?: and (?<more>\d+) more)?\. To let it go:/s;

/** What waits for a person, or null. */
export function heldOf(application: Application): Held | null {
  return heldDeletion(application) ?? heldByGuard(application) ?? heldByOption(application);
}

function heldByGuard(application: Application): Held | null {
  const condition = conditionsOf(application).find((one) => one.type === 'PruneGuardWarning');
  if (!condition) return null;
  const match = LIST.exec(condition.message);
  const names = (match?.groups?.['names'] ?? '').split(', ').filter(Boolean);
  const more = Number(match?.groups?.['more'] ?? 0);
  const extent = (match?.groups?.['extent'] ?? '').replace(/: $/, '');
  const all = extent && more ? toPrune(application).map(shown) : [];
  const isWhole = all.length >= names.length + more;
  return {
    what: 'prune',
    reason: extent ? `It would delete ${extent}.` : 'It would delete objects that take others along.',
    items: isWhole ? all : names,
    more: isWhole ? 0 : more,
    list: MARK.exec(condition.message)?.groups?.['mark'] ?? '',
  };
}

function heldByOption(application: Application): Held | null {
  const message = application.status?.operationState?.message ?? '';
  if (application.status?.operationState?.phase !== 'Running') return null;
  if (!message.startsWith('waiting for pruning confirmation of')) return null;
  const items = toPrune(application).filter((one) => one.requiresDeletionConfirmation);
  return {
    what: 'prune',
    reason: 'Their sync options say that a person is asked first.',
    items: items.map(shown),
    more: 0,
  };
}

function heldDeletion(application: Application): Held | null {
  if (!application.metadata?.deletionTimestamp) return null;
  const condition = conditionsOf(application).find((one) => one.message.includes(APPROVED));
  if (!condition) return null;
  const names = condition.message.split('before these are deleted:')[1] ?? '';
  return {
    what: 'deletion',
    reason: 'The application is being deleted, and these wait to be confirmed.',
    items: names
      .split(', ')
      .map((name) => name.trim())
      .filter(Boolean),
    more: 0,
  };
}

function shown(resource: ResourceStatus): string {
  return keyOf(resource).replace(/^\//, '').replace(/\/\//g, '/');
}

/** The patch that lets go, as of a moment, what was shown and nothing else. */
export function approval(now: Date, list = ''): string {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return JSON.stringify({ metadata: { annotations: { [APPROVED]: time, [APPROVED_LIST]: `${time} ${list}` } } });
}
