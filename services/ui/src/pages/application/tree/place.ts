/** Nodes of a picture as boxes in a plane: their size, and how they are moved together. */

export const WIDTH = 248;
export const HEIGHT = 46;
/** One of many that are alike, in a grid of such. */
export const CELL_WIDTH = 176;
export const CELL_HEIGHT = 26;

export interface Graph {
  ids: readonly string[];
  parents: readonly (string | null)[];
  links: readonly (readonly [from: string, to: string])[];
  /** Piles that are open: their members stand in a grid. */
  piles: readonly string[];
  /** Width by height of the window that it is seen in. */
  shape: number;
}

/** The upper left corner of a node, and whether it is a cell of a grid. */
export interface Place {
  x: number;
  y: number;
  isCell?: boolean;
}

export function sizeOf({ isCell }: Place): { width: number; height: number } {
  return isCell ? { width: CELL_WIDTH, height: CELL_HEIGHT } : { width: WIDTH, height: HEIGHT };
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
    return new Map([...places].map(([id, place]) => [id, { ...place, x: place.x + dx, y: place.y + dy }]));
  }
  return places;
}
