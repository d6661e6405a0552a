/** What is said of a node of the picture: to readers as one sentence, to the eye as a few words. */

import { healthWords, syncWords, type Tone } from '@/text/status';
import { infoOf, type TreeObject } from '../model';
import { plural } from '../state/words';
import type { Shown } from './picture';
import type { Pile } from './piles';
import { troubleOf } from './trouble';

/** The whole of a node for a screen reader. */
export function labelOf(shown: Shown, application: string): string {
  if (shown.pile) return pileLabel(shown.pile);
  if (!shown.object) return `Application ${application}${hiddenWords(shown)}`;
  const object = shown.object;
  return `${object.kind} ${object.name}${stateWords(object)}${hiddenWords(shown)}`;
}

/** `, Degraded: back-off, Out of sync, to be pruned`; empty for what has no state. */
export function stateWords(object: TreeObject): string {
  const words: string[] = [];
  const said = object.health ? healthWords(object.health).word : '';
  if (said) words.push(object.healthMessage ? `${said}: ${object.healthMessage}` : said);
  if (object.sync) words.push(syncWords(object.sync).word);
  if (object.ownSync) words.push(ownSyncOf(object));
  if (object.requiresPruning) words.push('to be pruned');
  if (object.isHook) words.push('hook');
  if (object.isOrphan) words.push('orphan');
  return words.map((word) => `, ${word}`).join('');
}

function hiddenWords(shown: Shown): string {
  return shown.isOpen === false && shown.below ? `, ${shown.below} below` : '';
}

function pileLabel(pile: Pile): string {
  return `${pile.members.length} ${kinds(pile)}, ${pileState(pile)}${pile.below ? `, ${pile.below} below` : ''}`;
}

/** The kind of a pile's members, of several. */
export function kinds(pile: Pile): string {
  const { kind } = pile;
  if (pile.members.length === 1) return kind;
  if (/(s|x|ch)$/.test(kind)) return kind.endsWith('Endpoints') ? kind : `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : plural(2, kind);
}

/** The state that the members of a pile have in common. */
export function pileState(pile: Pile): string {
  const words: string[] = [];
  if (pile.trouble <= 1) return pile.health === 'Suspended' ? 'suspended or well' : 'all well';
  if (pile.health && pile.health !== 'Healthy') words.push(healthWords(pile.health).word.toLowerCase());
  if (pile.sync && pile.sync !== 'Synced') words.push(syncWords(pile.sync).word.toLowerCase());
  return words.length ? `all ${words.join(', ')}` : 'all to be pruned';
}

/** The tone of a node's edge: the worst of what it says. */
export function toneOf(object: Pick<TreeObject, 'health' | 'sync' | 'requiresPruning'>): Tone {
  const tones = [
    object.health ? healthWords(object.health).tone : 'neutral',
    object.sync === 'OutOfSync' ? 'warn' : 'neutral',
  ];
  if (tones.includes('bad')) return 'bad';
  if (tones.includes('warn') || object.requiresPruning) return 'warn';
  if (tones.includes('busy')) return 'busy';
  return troubleOf(object) === 0 && object.health === 'Healthy' ? 'ok' : 'neutral';
}

const BARE: Partial<Record<TreeObject['health'], string>> = {
  Missing: 'Git has it, the cluster does not',
  Suspended: 'It waits to be resumed',
  Progressing: 'It is not ready yet',
  Unknown: 'How it fares could not be found out',
  Degraded: 'It does not say why',
};

/** Of an application that is an object of another: what it says of itself is about its own objects. */
const CHILD: typeof BARE = {
  ...BARE,
  Missing: 'Not everything of it is in the cluster',
  Degraded: 'Something of it is broken',
};

/** Why an object is not well, in its own words where it has any; "" for one that is. */
export function reasonOf(object: TreeObject): string {
  if (object.health && object.health !== 'Healthy') {
    const bare = object.ownSync ? CHILD : BARE;
    return object.healthMessage || infoOf(object.node, 'Status Reason') || (bare[object.health] ?? '');
  }
  if (object.requiresPruning) return 'Git does not have it any more';
  if (object.sync === 'OutOfSync') return 'It differs from Git';
  return object.sync === 'Unknown' ? 'It could not be compared with Git' : '';
}

/** The few words beside a kind: why it is not well, else a pod's containers and restarts, a revision, an address. */
export function detailOf(object: TreeObject): string {
  const restarts = infoOf(object.node, 'Restart Count');
  const found = [
    infoOf(object.node, 'Status Reason'),
    infoOf(object.node, 'Containers'),
    restarts ? `${restarts} ${plural(Number(restarts), 'restart')}` : '',
    infoOf(object.node, 'Revision').replace(/^Rev:/, 'revision '),
    ownSyncOf(object),
    object.kind === 'Ingress' ? placeOf(object.node.networkingInfo?.externalURLs?.[0]) : '',
  ];
  const said = found.filter(Boolean).join(' · ');
  const isSaid =
    !object.health || object.health === 'Healthy' || infoOf(object.node, 'Status Reason') || object.ownSync;
  return isSaid ? said : reasonOf(object).replace(`${object.kind} "${object.name}" `, '');
}

/** How a child application itself stands with Git: its own sync is another thing than that of the object. */
function ownSyncOf(object: TreeObject): string {
  return object.ownSync ? `itself ${syncWords(object.ownSync).word.toLowerCase()}` : '';
}

/** An address without its scheme and its last slash. */
function placeOf(url: string | undefined): string {
  return (url ?? '').replace(/^https?:\/\//, '').replace(/\/$/, '');
}
