/** What happened to an application, in words. */

import type { ChangedObject, StoryItem } from '@/api/schema';
import { keyOf } from '../model';

/** An object of an item with all that was changed of it. */
export interface Changes {
  key: string;
  kind: string;
  name: string;
  fields: ChangedObject[];
}

/** The changes of an item by object, in the order in which they were told. */
export function changesOf(item: Pick<StoryItem, 'objects'>): Changes[] {
  const found = new Map<string, Changes>();
  for (const one of item.objects ?? []) {
    const key = keyOf(one);
    const known = found.get(key) ?? { key, kind: one.kind, name: one.name, fields: [] };
    found.set(key, known);
    if (one.field || one.old || one.new || one.manager) known.fields.push(one);
  }
  return [...found.values()];
}

/** What each kind is called. */
export function titleOf(item: StoryItem): string {
  const changes = changesOf(item);
  const objects = changes.length === 1 ? `${changes[0]?.kind} ${changes[0]?.name}` : `${changes.length} objects`;
  switch (item.kind) {
    case 'commit':
      return firstLine(item.message) || 'New manifests';
    case 'deployment':
      return firstLine(item.message) || 'A deployment';
    case 'operation':
      return item.status === 'running' ? 'A sync runs' : item.status === 'failed' ? 'A sync failed' : 'A sync';
    case 'drift':
      return `${changes.length ? objects : 'Something'} changed outside Git`;
    case 'health':
      return `The health became ${item.health || 'another'}`;
    case 'render-failed':
      return 'The manifests could not be made';
    case 'prune-held':
      return 'A prune waits to be confirmed';
    case 'deleted':
      return 'The application was deleted';
    default:
      return item.kind;
  }
}

/** What is said beside the title, where the title is not the message itself. */
export function messageOf(item: StoryItem): string {
  const body = (item.message ?? '').split('\n').slice(1).join('\n').trim();
  const message = item.kind === 'commit' || item.kind === 'deployment' ? body : (item.message ?? '');
  return [item.words ?? '', message].filter(Boolean).join('\n');
}

/** Who did it, as far as that is known. */
export function actorOf(item: StoryItem): string {
  const author = (item.author ?? '').replace(/\s*<[^>]*>\s*$/, '');
  if (item.kind === 'commit') return author;
  if (item.by) return item.by;
  if (item.automated) return 'by itself';
  const managers = new Set((item.objects ?? []).map((one) => one.manager ?? ''));
  return author || [...managers].filter(Boolean).join(', ');
}

/** What became of a drift. */
export function endOf(item: StoryItem): string {
  if (item.kind !== 'drift') return '';
  if (item.status === 'running') return 'stands';
  return item.attempts && item.attempts > 1 ? `healed at the ${item.attempts}. attempt` : 'healed';
}

function firstLine(message: string | undefined): string {
  return (message ?? '').split('\n', 1)[0]?.trim() ?? '';
}
