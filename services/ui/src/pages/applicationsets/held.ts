/**
 * Deletions of a set that wait for a person: what the controller says of them, and how they are let go.
 *
 * Invariant: a confirmation is of the list that was shown, and of no other.
 */
import { get, post } from '@/api/client';
import { type ApplicationSet, SETS, setPath } from './model';

const APPROVED = 'argocd.argoproj.io/deletion-approved';
const APPROVED_LIST = 'fairlead.dev/approved-list';
const SHOWN = /\(list ([0-9a-f]{8})\)\.$/;

export interface HeldDeletions {
  readonly words: string;
  readonly list: string;
}

/** What waits, or null. */
export function heldOf(set: ApplicationSet): HeldDeletions | null {
  const held = (set.status?.conditions ?? []).find(({ type, status }) => type === 'DeletionHeld' && status === 'True');
  const list = SHOWN.exec(held?.message ?? '')?.[1];
  return held?.message && list ? { words: held.message, list } : null;
}

/** The annotations that let go, as of a moment in milliseconds since the epoch, one list. */
export function approvalOf(now: number, list: string): Record<string, string> {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return { [APPROVED]: time, [APPROVED_LIST]: `${time} ${list}` };
}

/** Lets go what was shown; the set is otherwise as it is at this moment. */
export async function letGo(set: ApplicationSet, now: number, list: string): Promise<ApplicationSet> {
  const { name, namespace } = set.metadata;
  const newest = await get<ApplicationSet>(setPath(name), namespace ? { appsetNamespace: namespace } : {});
  const metadata = { name, ...(namespace ? { namespace } : {}), annotations: approvalOf(now, list) };
  return await post<ApplicationSet>(SETS, { metadata, spec: newest.spec ?? {} }, { upsert: true });
}
