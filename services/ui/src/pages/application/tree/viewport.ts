/** What of a picture is in the window: where to begin, and how to bring a node into it. */

import { type Place, sizeOf } from './place';

export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Of a node's own size: smaller ones cannot be read. */
export const READABLE = 0.75;
export const SMALLEST = 0.08;
export const LARGEST = 1.5;
const MARGIN = 24;

interface Bounds extends Size {
  left: number;
  top: number;
}

function boundsOf(places: ReadonlyMap<string, Place>): Bounds {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const place of places.values()) {
    const { width, height } = sizeOf(place);
    left = Math.min(left, place.x);
    top = Math.min(top, place.y);
    right = Math.max(right, place.x + width);
    bottom = Math.max(bottom, place.y + height);
  }
  if (!Number.isFinite(left)) return { left: 0, top: 0, width: 0, height: 0 };
  return { left, top, width: right - left, height: bottom - top };
}

/** All of it, as large as it goes, from the top. */
export function fitting(places: ReadonlyMap<string, Place>, window: Size): Viewport {
  const bounds = boundsOf(places);
  const across = (window.width - 2 * MARGIN) / (bounds.width || 1);
  const down = (window.height - 2 * MARGIN) / (bounds.height || 1);
  const zoom = Math.max(SMALLEST, Math.min(1, across, down));
  return {
    x: (window.width - bounds.width * zoom) / 2 - bounds.left * zoom,
    y: MARGIN - bounds.top * zoom,
    zoom,
  };
}

/** Where one begins: all of it where that can be read, else the first trouble, else the upper left corner. */
export function beginning(places: ReadonlyMap<string, Place>, window: Size, first: string | null): Viewport {
  const whole = fitting(places, window);
  if (whole.zoom >= READABLE) return whole;
  const bounds = boundsOf(places);
  const zoom = Math.max(READABLE, Math.min(1, (window.width - 2 * MARGIN) / (bounds.width || 1)));
  const trouble = first === null ? undefined : places.get(first);
  const corner = { x: MARGIN - bounds.left * zoom, y: MARGIN - bounds.top * zoom, zoom };
  if (!trouble) return corner;
  const right = trouble.x + sizeOf(trouble).width;
  const isFarRight = (right - bounds.left) * zoom > window.width - MARGIN;
  return {
    x: isFarRight ? window.width - MARGIN - right * zoom : corner.x,
    y: Math.min(corner.y, window.height / 3 - trouble.y * zoom),
    zoom,
  };
}

/** The viewport that has a node in it, moved as little as that takes; the same one when it is in it already. */
export function showing(place: Place, window: Size, viewport: Viewport): Viewport {
  const { zoom } = viewport;
  const { width, height } = sizeOf(place);
  const left = place.x * zoom + viewport.x;
  const top = place.y * zoom + viewport.y;
  const x = viewport.x + inside(left, width * zoom, window.width);
  const y = viewport.y + inside(top, height * zoom, window.height);
  return x === viewport.x && y === viewport.y ? viewport : { x, y, zoom };
}

function inside(start: number, size: number, room: number): number {
  if (start < MARGIN) return MARGIN - start;
  const over = start + size - (room - MARGIN);
  return over > 0 ? -Math.min(over, start - MARGIN) : 0;
}

/** Whether any part of a node can be seen. */
export function isSeen(place: Place, window: Size, viewport: Viewport): boolean {
  const { width, height } = sizeOf(place);
  const left = place.x * viewport.zoom + viewport.x;
  const top = place.y * viewport.zoom + viewport.y;
  return (
    left < window.width && top < window.height && left + width * viewport.zoom > 0 && top + height * viewport.zoom > 0
  );
}
