/** Nodes of a picture as boxes in a plane: their size, and how they are moved together. */

export const WIDTH = 248;
export const HEIGHT = 46;

export interface Graph {
  ids: readonly string[];
  parents: readonly (string | null)[];
  links: readonly (readonly [from: string, to: string])[];
}

export interface Place {
  x: number;
  y: number;
}

/** The places moved so that one node stands where it stood. */
export function anchored(
  places: ReadonlyMap<string, Place>,
  before: ReadonlyMap<string, Place>,
  anchors: readonly (string | null)[],
): ReadonlyMap<string, Place> {
  for (const anchor of anchors) {
    const was = anchor === null ? undefined : before.get(anchor);
    const is = anchor === null ? undefined : places.get(anchor);
    if (!was || !is) continue;
    const dx = was.x - is.x;
    const dy = was.y - is.y;
    if (!dx && !dy) return places;
    return new Map([...places].map(([id, { x, y }]) => [id, { x: x + dx, y: y + dy }]));
  }
  return places;
}
