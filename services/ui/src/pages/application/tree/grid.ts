/**
 * The members of an open pile as a grid: as wide for its height as the window is, filled column by column, so that the next
 * one of the tree stands below.
 */

import { CELL_HEIGHT, CELL_WIDTH, type Place } from './place';

export const CELL_GAP_X = 6;
export const CELL_GAP_Y = 4;
/** Around the cells, within their frame. */
export const PADDING = 8;
/** Members up to which they stand one below the other, as everything else does. */
export const FEW_CELLS = 8;
/** Bounds of what is taken for a window's shape. */
const FLATTEST = 2.4;
const TALLEST = 0.4;

/** Columns for so many cells. */
export function columnsOf(count: number, shape: number): number {
  const bounded = Math.max(TALLEST, Math.min(shape || 1, FLATTEST));
  const ratio = ((CELL_HEIGHT + CELL_GAP_Y) / (CELL_WIDTH + CELL_GAP_X)) * bounded;
  return Math.max(1, Math.min(count, Math.round(Math.sqrt(count * ratio))));
}

/** Place cells from an upper left corner on; how high they are with their frame. */
export function gridded(
  ids: readonly string[],
  left: number,
  top: number,
  shape: number,
  places: Map<string, Place>,
): number {
  const rows = Math.ceil(ids.length / columnsOf(ids.length, shape));
  ids.forEach((id, index) => {
    places.set(id, {
      x: left + PADDING + Math.floor(index / rows) * (CELL_WIDTH + CELL_GAP_X),
      y: top + PADDING + (index % rows) * (CELL_HEIGHT + CELL_GAP_Y),
      isCell: true,
    });
  });
  return rows * (CELL_HEIGHT + CELL_GAP_Y) - CELL_GAP_Y + 2 * PADDING;
}

export interface Frame {
  pile: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The frame around the cells of each pile. */
export function framesOf(cells: Iterable<readonly [pile: string, place: Place]>): Frame[] {
  const frames = new Map<string, { left: number; top: number; right: number; bottom: number }>();
  for (const [pile, { x, y }] of cells) {
    const known = frames.get(pile) ?? { left: x, top: y, right: x, bottom: y };
    frames.set(pile, {
      left: Math.min(known.left, x),
      top: Math.min(known.top, y),
      right: Math.max(known.right, x),
      bottom: Math.max(known.bottom, y),
    });
  }
  return [...frames].map(([pile, { left, top, right, bottom }]) => ({
    pile,
    x: left - PADDING,
    y: top - PADDING,
    width: right - left + CELL_WIDTH + 2 * PADDING,
    height: bottom - top + CELL_HEIGHT + 2 * PADDING,
  }));
}
