/** Placing something that floats beside what it belongs to, inside the window; it lives in the browser's top layer. */
import { type RefObject, useLayoutEffect } from 'react';

/** Pixels between the two, and between it and the window's edge. */
const GAP = 4;

export type Side = 'below' | 'above';
export type Align = 'start' | 'end' | 'middle';

export interface Box {
  top: number;
  left: number;
  width: number;
  height: number;
}

/** Where it goes: on the wanted side if there is room, else on the roomier one. */
export function place(
  anchor: Box,
  size: { width: number; height: number },
  window: { width: number; height: number },
  side: Side,
  align: Align,
): { top: number; left: number; room: number } {
  const above = anchor.top - 2 * GAP;
  const below = window.height - (anchor.top + anchor.height) - 2 * GAP;
  const wanted = side === 'below' ? below : above;
  const isBelow = wanted >= size.height ? side === 'below' : below >= above;
  const room = Math.max(isBelow ? below : above, 0);
  const height = Math.min(size.height, room);
  const top = isBelow ? anchor.top + anchor.height + GAP : anchor.top - GAP - height;
  const wish =
    align === 'start'
      ? anchor.left
      : align === 'end'
        ? anchor.left + anchor.width - size.width
        : anchor.left + (anchor.width - size.width) / 2;
  const left = Math.max(GAP, Math.min(wish, window.width - size.width - GAP));
  return { top, left, room };
}

/** Show `floating` as a popover beside `anchor` while it is open. */
export function useFloat(
  anchor: RefObject<Element | null>,
  floating: RefObject<HTMLElement | null>,
  isOpen: boolean,
  side: Side = 'below',
  align: Align = 'start',
): void {
  useLayoutEffect(() => {
    const element = floating.current;
    const beside = anchor.current;
    if (!isOpen || element === null || beside === null) return;
    const move = () => {
      element.style.maxHeight = '';
      const size = { width: element.offsetWidth, height: element.offsetHeight };
      const at = place(beside.getBoundingClientRect(), size, { width: innerWidth, height: innerHeight }, side, align);
      element.style.top = `${Math.round(at.top)}px`;
      element.style.left = `${Math.round(at.left)}px`;
      element.style.maxHeight = `${Math.floor(at.room)}px`;
    };
    if (!element.isConnected) return;
    element.showPopover?.();
    move();
    const sizes = new ResizeObserver(move);
    sizes.observe(element);
    window.addEventListener('scroll', move, { capture: true, passive: true });
    window.addEventListener('resize', move);
    return () => {
      sizes.disconnect();
      window.removeEventListener('scroll', move, { capture: true });
      window.removeEventListener('resize', move);
      if (element.isConnected) element.hidePopover?.();
    };
  }, [anchor, floating, isOpen, side, align]);
}
