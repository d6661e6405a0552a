/** Lays pictures out beside the page, so that a large one never holds up a keystroke. */

import { arranged } from './layout';
import type { Graph, Place } from './place';

export interface Asked {
  number: number;
  graph: Graph;
}

export interface Answered {
  number: number;
  places: [id: string, place: Place][];
  milliseconds: number;
}

addEventListener('message', (event: MessageEvent<Asked>) => {
  const { number, graph } = event.data;
  const began = performance.now();
  const places = [...arranged(graph)];
  const answer: Answered = { number, places, milliseconds: performance.now() - began };
  postMessage(answer);
});
