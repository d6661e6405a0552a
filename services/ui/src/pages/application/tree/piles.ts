/**
 * Gathers siblings that are alike into piles.
 *
 * Invariant: a pile's members share their kind and their state; what is not quiet, or has trouble below it, is never in a
 * pile of what is well.
 */

import type { TreeObject } from '../model';
import { byPlace, type Forest } from './forest';
import { isQuiet, stateOf, troubleOf } from './trouble';
import type { Weight } from './weights';

/** Up to so many objects are all drawn, apart from old revisions. */
export const FEW = 30;
/** More quiet siblings of a kind than this are one pile. */
export const MANY_QUIET = 4;
/** More siblings of a kind in one and the same trouble than this are one pile. */
export const MANY_ALIKE = 12;

export interface Pile {
  group: string;
  kind: string;
  members: string[];
  below: number;
  trouble: number;
  health: TreeObject['health'];
  sync: TreeObject['sync'];
}

/** A sibling by itself, or a pile of some. */
export type Row = string | Pile;

/** Siblings as they are drawn, below one owner. */
export class Gatherer {
  constructor(
    private readonly objects: ReadonlyMap<string, TreeObject>,
    private readonly forest: Forest,
    private readonly weights: ReadonlyMap<string, Weight>,
    private readonly isSmall: boolean,
  ) {}

  /** Each by itself, or with those of its kind and state in a pile; `isTop` right below the application. */
  rows(keys: readonly string[], isTop: boolean): Row[] {
    const alike = new Map<string, string[]>();
    for (const key of keys) {
      const label = this.labelOf(key);
      const known = alike.get(label);
      if (known) known.push(key);
      else alike.set(label, [key]);
    }
    const rows: Row[] = [];
    for (const [label, members] of alike) {
      if (label && members.length > this.limitOf(members, isTop)) rows.push(this.pile(members));
      else rows.push(...members);
    }
    return rows.sort((left, right) => this.place(left) - this.place(right) || this.order(left, right));
  }

  /** What an object has to share with others to be gathered; "" for one that is drawn by itself. */
  private labelOf(key: string): string {
    const object = this.objects.get(key);
    const weight = this.weights.get(key);
    if (!object || !weight || weight.hasKept) return '';
    const isTroubledBelow = weight.trouble > Math.max(1, troubleOf(object));
    if (isTroubledBelow) return '';
    const apart = object.isOrphan ? 'orphan' : this.isOld(object) ? 'old' : '';
    return `${object.group}/${object.kind}|${stateOf(object)}|${apart}`;
  }

  /** A revision that has no pods any more. */
  private isOld({ kind, key }: TreeObject): boolean {
    return kind === 'ReplicaSet' && !this.forest.children.has(key);
  }

  private limitOf(members: readonly string[], isTop: boolean): number {
    const first = this.objects.get(members[0] ?? '');
    if (!first) return MANY_QUIET;
    if (!isQuiet(first)) return MANY_ALIKE;
    if (this.isOld(first) && !isTop) return 1;
    return this.isSmall ? FEW : MANY_QUIET;
  }

  private pile(members: string[]): Pile {
    const pile: Pile = { group: '', kind: '', members, below: 0, trouble: -1, health: '', sync: '' };
    for (const key of members) {
      pile.below += (this.weights.get(key)?.size ?? 1) - 1;
      const object = this.objects.get(key);
      if (!object) continue;
      pile.group = object.group;
      pile.kind = object.kind;
      const trouble = troubleOf(object);
      if (trouble > pile.trouble) pile.health = object.health;
      pile.trouble = Math.max(pile.trouble, trouble);
      pile.health ||= object.health;
      pile.sync ||= object.sync;
    }
    return pile;
  }

  /** Objects by themselves stand before piles, and piles in trouble before quiet ones. */
  private place(row: Row): number {
    if (typeof row === 'string') return 0;
    return row.trouble > 1 ? 1 : 2;
  }

  private order(left: Row, right: Row): number {
    const one = this.objects.get(typeof left === 'string' ? left : (left.members[0] ?? ''));
    const other = this.objects.get(typeof right === 'string' ? right : (right.members[0] ?? ''));
    return one && other ? byPlace(one, other) : 0;
  }
}

/** What tells one pile from another below its owner; it stays the same when members come and go. */
export function pileId(owner: string, pile: Pile): string {
  const state = `${pile.health === 'Healthy' ? '' : pile.health}/${pile.sync}`;
  const quiet = pile.trouble > 1 ? state : 'quiet';
  return `pile:${owner}:${pile.group}/${pile.kind}:${quiet}`;
}
