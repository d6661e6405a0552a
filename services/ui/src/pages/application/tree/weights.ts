/** What is below each object of a forest, summed up: how many, how bad, and whether any of it is to be drawn. */

import type { TreeObject } from '../model';
import type { Forest } from './forest';
import { troubleOf } from './trouble';

export interface Weight {
  size: number;
  trouble: number;
  hasKept: boolean;
  hasMatch: boolean;
}

/** The weight of each object with all below it. Without `matching` everything matches. */
export function weighed(
  objects: ReadonlyMap<string, TreeObject>,
  forest: Forest,
  kept: ReadonlySet<string>,
  matching: ReadonlySet<string> | null,
): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const key of childrenFirst(forest)) {
    const object = objects.get(key);
    if (!object) continue;
    const weight = {
      size: 1,
      trouble: troubleOf(object),
      hasKept: kept.has(key),
      hasMatch: matching?.has(key) ?? true,
    };
    for (const child of forest.children.get(key) ?? []) {
      const below = weights.get(child);
      if (!below) continue;
      weight.size += below.size;
      weight.trouble = Math.max(weight.trouble, below.trouble);
      weight.hasKept ||= below.hasKept;
      weight.hasMatch ||= below.hasMatch;
    }
    weights.set(key, weight);
  }
  return weights;
}

function childrenFirst(forest: Forest): string[] {
  const order: string[] = [];
  const stack = [...forest.roots];
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    order.push(key);
    for (const child of forest.children.get(key) ?? []) stack.push(child);
  }
  return order.reverse();
}
