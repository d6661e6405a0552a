/**
 * What of a forest is drawn: trouble first, what is many and alike as one pile with a count.
 *
 * Invariant: everything that is not quiet is drawn or counted in a pile of its own state; nothing that was
 * drawn is gathered again because its state changed (`kept`), so that nothing goes away under a cursor.
 */

import type { TreeObject } from '../model';
import type { Forest } from './forest';
import { FEW, Gatherer, type Pile, pileId } from './piles';
import { isQuiet } from './trouble';
import { type Weight, weighed } from './weights';

export const APPLICATION = 'application';

export interface Shown {
  id: string;
  parent: string | null;
  level: number;
  position: number;
  siblings: number;
  object: TreeObject | null;
  pile: Pile | null;
  isOpen: boolean | null;
  below: number;
  isContext: boolean;
}

export interface Picture {
  shown: Shown[];
  at: Map<string, number>;
  links: [from: string, to: string][];
  total: number;
  matching: number;
  troubled: number;
  structure: string;
}

export interface Wishes {
  opened: ReadonlySet<string>;
  closed: ReadonlySet<string>;
  kept: ReadonlySet<string>;
  matching: ReadonlySet<string> | null;
}

export const NO_WISHES: Wishes = {
  opened: new Set(),
  closed: new Set(),
  kept: new Set(),
  matching: null,
};

type Objects = ReadonlyMap<string, TreeObject>;

/** The picture of a forest below its application. */
export function pictured(objects: Objects, forest: Forest, wishes: Wishes): Picture {
  return new Painter(objects, forest, wishes).picture();
}

class Painter {
  private readonly weights: ReadonlyMap<string, Weight>;
  private readonly gatherer: Gatherer;
  private readonly shown: Shown[] = [];
  private readonly isSmall: boolean;

  constructor(
    private readonly objects: Objects,
    private readonly forest: Forest,
    private readonly wishes: Wishes,
  ) {
    this.weights = weighed(objects, forest, wishes.kept, wishes.matching);
    this.isSmall = (wishes.matching?.size ?? this.weights.size) <= FEW;
    this.gatherer = new Gatherer(objects, forest, this.weights, this.isSmall);
  }

  picture(): Picture {
    const isClosed = this.wishes.closed.has(APPLICATION);
    this.shown.push({
      id: APPLICATION,
      parent: null,
      level: 1,
      position: 1,
      siblings: 1,
      object: null,
      pile: null,
      isOpen: this.forest.roots.length ? !isClosed : null,
      below: isClosed ? this.weights.size : 0,
      isContext: false,
    });
    if (!isClosed) this.paint(this.forest.roots, APPLICATION, 2);
    const at = new Map(this.shown.map((one, index) => [one.id, index]));
    let troubled = 0;
    for (const key of this.weights.keys()) {
      const object = this.objects.get(key);
      if (object && !isQuiet(object)) troubled += 1;
    }
    const links = this.forest.links.filter(([from, to]) => at.has(from) && at.has(to));
    const edges = [...this.shown.map((one) => [one.parent ?? '', one.id]), ...links];
    return {
      shown: this.shown,
      at,
      links,
      total: this.weights.size,
      matching: this.wishes.matching?.size ?? this.weights.size,
      troubled,
      structure: edges.map(([from, to]) => `${from}>${to}`).join('\n'),
    };
  }

  private paint(keys: readonly string[], parent: string, level: number): void {
    const wanted = keys.filter((key) => this.weights.get(key)?.hasMatch);
    const rows = this.gatherer.rows(wanted, parent === APPLICATION);
    rows.forEach((row, index) => {
      const place = { parent, level, position: index + 1, siblings: rows.length };
      if (typeof row === 'string') this.paintObject(row, place);
      else this.paintPile(row, place);
    });
  }

  private paintObject(key: string, place: Place): void {
    const object = this.objects.get(key);
    const weight = this.weights.get(key);
    if (!object || !weight) return;
    const children = (this.forest.children.get(key) ?? []).filter((child) => this.weights.get(child)?.hasMatch);
    const isOpen = children.length ? this.isOpen(key, children) : null;
    this.shown.push({
      ...place,
      id: key,
      object,
      pile: null,
      isOpen,
      below: isOpen ? 0 : weight.size - 1,
      isContext: this.wishes.matching !== null && !this.wishes.matching.has(key),
    });
    if (isOpen) this.paint(children, key, place.level + 1);
  }

  private paintPile(pile: Pile, place: Place): void {
    const id = pileId(place.parent, pile);
    const isOpen = this.wishes.opened.has(id);
    this.shown.push({
      ...place,
      id,
      object: null,
      pile,
      isOpen,
      below: isOpen ? 0 : pile.members.length + pile.below,
      isContext: false,
    });
    if (!isOpen) return;
    pile.members.forEach((key, index) => {
      const inner = { parent: id, level: place.level + 1, position: index + 1 };
      this.paintObject(key, { ...inner, siblings: pile.members.length });
    });
  }

  private isOpen(key: string, children: readonly string[]): boolean {
    if (this.wishes.closed.has(key)) return false;
    if (this.wishes.opened.has(key) || this.isSmall) return true;
    return children.some((child) => {
      const below = this.weights.get(child);
      return !!below && (below.trouble > 1 || below.hasKept || this.wishes.matching !== null);
    });
  }
}

interface Place {
  parent: string;
  level: number;
  position: number;
  siblings: number;
}

/** What stays drawn from now on: all that was ever drawn by itself, outside of a pile that was opened. */
export function keptAfter(kept: ReadonlySet<string>, picture: Picture): ReadonlySet<string> {
  const gathered = new Set<string>();
  const added: string[] = [];
  for (const one of picture.shown) {
    const isInside = one.parent !== null && gathered.has(one.parent);
    if (one.pile || isInside) gathered.add(one.id);
    else if (one.object && !kept.has(one.id)) added.push(one.id);
  }
  return added.length ? new Set([...kept, ...added]) : kept;
}
