/** Places of a picture from the worker: asked once for each structure, the last answer stands meanwhile. */

import { useEffect, useRef, useState } from 'react';
import type { Answered, Asked } from './layout.worker';
import type { Picture } from './picture';
import { anchored, type Graph, type Place } from './place';

export interface Arrangement {
  structure: string;
  places: ReadonlyMap<string, Place>;
  milliseconds: number;
}

const NOTHING: Arrangement = { structure: '', places: new Map(), milliseconds: 0 };

/**
 * The arrangement of the newest structure that is laid out. `anchors` names nodes in the order in which they are
 * wanted to stay where they stand, and `shape` is the width by the height of the window.
 */
export function useLayout(
  picture: Picture,
  anchors: () => readonly (string | null)[],
  shape: () => number,
): Arrangement {
  const [arrangement, setArrangement] = useState<Arrangement>(NOTHING);
  const worker = useRef<Worker | null>(null);
  const number = useRef(0);
  const newest = useRef({ picture, anchors, shape });
  useEffect(() => {
    newest.current = { picture, anchors, shape };
  });
  useEffect(() => {
    const started = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    worker.current = started;
    return () => {
      worker.current = null;
      started.terminate();
    };
  }, []);
  const { structure } = picture;
  useEffect(() => {
    number.current += 1;
    const asked: Asked = { number: number.current, graph: graphOf(newest.current.picture, newest.current.shape()) };
    const asking = worker.current;
    if (!asking) return;
    const listen = ({ data }: MessageEvent<Answered>): void => {
      if (data.number !== asked.number) return;
      const kept = newest.current.anchors();
      setArrangement((before) => ({
        structure,
        places: anchored(new Map(data.places), before.places, kept),
        milliseconds: data.milliseconds,
      }));
    };
    asking.addEventListener('message', listen);
    asking.postMessage(asked);
    return () => asking.removeEventListener('message', listen);
  }, [structure]);
  return arrangement;
}

function graphOf(picture: Picture, shape: number): Graph {
  return {
    ids: picture.shown.map((one) => one.id),
    parents: picture.shown.map((one) => one.parent),
    links: picture.links,
    piles: picture.shown.filter((one) => one.pile && one.isOpen).map((one) => one.id),
    shape,
  };
}
