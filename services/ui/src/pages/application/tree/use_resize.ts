import { type RefObject, useEffect, useRef } from 'react';

/** Tell when an element's size changed; not of its first one. */
export function useResize(box: RefObject<HTMLDivElement | null>, tell: () => void): void {
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    let isFirst = true;
    const observer = new ResizeObserver(() => {
      if (!isFirst) latest.current();
      isFirst = false;
    });
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
}
