/** Objects in the order that a person asked for. */

import type { TreeObject } from '../model';
import { byPlace } from '../tree/forest';
import { troubleOf } from '../tree/trouble';

type Compare = (left: TreeObject, right: TreeObject) => number;

const text = (pick: (object: TreeObject) => string): Compare => {
  return (left, right) => pick(left).localeCompare(pick(right), 'en', { numeric: true });
};

const ORDERS: Record<string, Compare> = {
  trouble: (left, right) => troubleOf(right) - troubleOf(left),
  name: text((object) => object.name),
  kind: text((object) => object.kind),
  namespace: text((object) => object.namespace),
  sync: text((object) => object.sync),
  health: (left, right) => troubleOf({ ...right, sync: '' }) - troubleOf({ ...left, sync: '' }),
  wave: (left, right) => left.wave - right.wave,
  created: text((object) => object.node.createdAt ?? ''),
};

/** By a field, from its end with a leading `-`; equal ones by their place in the tree. */
export function sortedBy(objects: readonly TreeObject[], sort: string): TreeObject[] {
  const isReversed = sort.startsWith('-');
  const order = ORDERS[isReversed ? sort.slice(1) : sort] ?? byPlace;
  return [...objects].sort(
    (left, right) => (isReversed ? order(right, left) : order(left, right)) || byPlace(left, right),
  );
}
