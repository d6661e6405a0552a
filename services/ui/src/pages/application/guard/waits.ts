/**
 * A prune or a deletion that waits for a person: what would go, why it waits, and how it is let go.
 *
 * Invariant: what is listed is what the controller says waits, and a confirmation is of that list and no other.
 */

import type { HeldBack, HeldObject } from '@/api/schema';
import { type Application, keyOf } from '../model';
import { conditionsOf, plural } from '../state/words';

/** Approves what waits; its value is the time. */
export const APPROVED = 'argocd.argoproj.io/deletion-approved';
/** Says of which list of prunes an approval is: its time, a blank, and the list. */
const APPROVED_LIST = 'fairlead.dev/approved-list';

export interface HeldItem {
  key: string;
  /** What it is, and what goes with it. */
  words: string;
}

export interface Held {
  what: 'prune' | 'deletion';
  reason: string;
  items: HeldItem[];
  /** How many more the server does not name. */
  more: number;
  /** A confirmation that does not count, and why. */
  refused: string;
  /** Which list of prunes it is, where the server tells one from another. */
  list: string;
  /** Whether what would go is known now; nobody may confirm what they do not see. */
  isKnown: boolean;
}

const TAKES: Record<string, string> = {
  contents: ' and all that is in it',
  instances: ' and all objects of its kind',
  data: ' and what is stored in it',
};

/** What waits for a person, or null. `isTold`: whether the controller was heard of what waits. */
export function heldOf(application: Application, told: HeldBack | undefined, isTold: boolean): Held | null {
  const isLeaving = !!application.metadata?.deletionTimestamp;
  const started = application.status?.operationState?.startedAt;
  if (told && (told.what === 'deletion' ? isLeaving : told.startedAt === started)) return heldBy(told);
  const condition = conditionsOf(application).find((one) => one.type === 'PruneGuardWarning');
  if (!condition || isLeaving || !isTold || application.status?.operationState?.phase !== 'Running') return null;
  return { what: 'prune', reason: condition.message, items: [], more: 0, refused: '', list: '', isKnown: false };
}

function heldBy(told: HeldBack): Held {
  return {
    what: told.what,
    reason: reasonOf(told),
    items: (told.objects ?? []).map((one) => ({ key: keyOf(one), words: wordsOf(one) })),
    more: told.more ?? 0,
    refused: refusalOf(told),
    list: told.list ?? '',
    isKnown: true,
  };
}

function reasonOf(told: HeldBack): string {
  if (told.what === 'deletion') return 'Their options say that a person is asked before they are deleted.';
  if (told.by === 'option') return 'Their sync options say that a person is asked first.';
  if (told.by === 'kinds') return 'It would delete objects that take others along.';
  const { going = 0, living = 0, share = 0 } = told;
  const part = living ? ` (${Math.round((going * 100) / living)}%)` : '';
  return `It would delete ${going} of ${living} ${plural(living, 'object')}${part}; where more than ${share}% would go, a person is asked.`;
}

function refusalOf({ refused, why }: HeldBack): string {
  return refused ? `The last confirmation ${why || 'is not of this list'}, so it does not count.` : '';
}

/** `ConfigMap shop/settings`, with its group where it has one. */
function wordsOf(one: HeldObject): string {
  const kind = one.group ? `${one.group}/${one.kind}` : one.kind;
  const place = one.namespace ? `${one.namespace}/${one.name}` : one.name;
  const along = one.along ? ` and ${one.along} ${plural(one.along, 'object')} that it deployed` : '';
  return `${kind} ${place}${TAKES[one.takes ?? ''] ?? ''}${along}`;
}

/** The patch that lets go, as of a moment in milliseconds since the epoch, what was shown and nothing else. */
export function approval(now: number, list: string): string {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return JSON.stringify({ metadata: { annotations: { [APPROVED]: time, [APPROVED_LIST]: `${time} ${list}` } } });
}
