/**
 * Where each node of a picture stands: columns by level, from left to right.
 *
 * A tree needs no solver: leaves are stacked in their order and parents stand beside their first children, in
 * one pass, so that the same structure always looks the same and a change moves only what stands below it. The members
 * of an open pile are a grid, but for those that are open themselves: these stand below it.
 * What is no tree (a Service behind two Ingresses) is laid out by dagre, each connected part by itself.
 */

import { layout as dagre, graphlib } from '@dagrejs/dagre';
import { FEW_CELLS, gridded } from './grid';
import { type Graph, HEIGHT, type Place, WIDTH } from './place';

export const GAP_X = 56;
export const GAP_Y = 10;
/** Between parts of a picture that have nothing to do with each other. */
export const PART_GAP = 22;
/** Nodes of a part that dagre is given; a larger one is laid out as a tree with its links across. */
export const DAGRE_MOST = 300;
/** Rows by which a parent stands at most below its first child. */
const ROWS_DOWN = 3;

/** The place of each node; its upper left corner. */
export function arranged(graph: Graph): Map<string, Place> {
  const tree = new Tree(graph);
  const places = new Map<string, Place>();
  let top = 0;
  for (const part of parts(graph, tree)) {
    const isTree = !part.links.length || part.ids.length > DAGRE_MOST;
    const height = isTree ? tree.stack(part.roots, top, places) : layered(part, tree, top, places);
    top += height + (part.ids.length > 1 ? PART_GAP : GAP_Y);
  }
  if (tree.top !== null) {
    const first = graph.ids.find((id) => tree.parents.get(id) === tree.top);
    places.set(tree.top, { x: 0, y: first === undefined ? 0 : (places.get(first)?.y ?? 0) });
  }
  return places;
}

class Tree {
  readonly parents = new Map<string, string | null>();
  readonly children = new Map<string, string[]>();
  readonly levels = new Map<string, number>();
  /** The one node above all others: the application. */
  readonly top: string | null;
  private readonly piles: ReadonlySet<string>;
  private readonly shape: number;

  constructor(graph: Graph) {
    this.piles = new Set(graph.piles);
    this.shape = graph.shape;
    graph.ids.forEach((id, index) => {
      const parent = graph.parents[index] ?? null;
      this.parents.set(id, parent);
      if (parent === null) return;
      this.levels.set(id, (this.levels.get(parent) ?? 0) + 1);
      const known = this.children.get(parent);
      if (known) known.push(id);
      else this.children.set(parent, [id]);
    });
    const roots = graph.ids.filter((id) => this.parents.get(id) === null);
    this.top = roots.length === 1 ? (roots[0] ?? null) : null;
  }

  column(id: string): number {
    return (this.levels.get(id) ?? 0) * (WIDTH + GAP_X);
  }

  /** Stack these trees below each other; how high they are together. */
  stack(roots: readonly string[], top: number, places: Map<string, Place>): number {
    let y = top;
    for (const root of roots) y = this.place(root, y, places);
    return Math.max(0, y - top - GAP_Y);
  }

  private place(root: string, top: number, places: Map<string, Place>): number {
    let y = top;
    const stack: { id: string; isDone: boolean }[] = [{ id: root, isDone: false }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const children = this.children.get(next.id) ?? [];
      if (!children.length) {
        places.set(next.id, { x: this.column(next.id), y });
        y += HEIGHT + GAP_Y;
      } else if (next.isDone) {
        places.set(next.id, { x: this.column(next.id), y: beside(children, places) });
      } else {
        const cells = this.cells(next.id, children);
        if (cells.length) {
          places.set(next.id, { x: this.column(next.id), y });
          y += gridded(cells, this.column(cells[0] ?? ''), y, this.shape, places) + GAP_Y;
        } else stack.push({ id: next.id, isDone: true });
        for (const child of children.toReversed()) if (!places.has(child)) stack.push({ id: child, isDone: false });
      }
    }
    return y;
  }

  /** The children that stand in a grid: closed members of a pile, when there are many. */
  private cells(id: string, children: readonly string[]): readonly string[] {
    if (!this.piles.has(id)) return [];
    const closed = children.filter((child) => !this.children.has(child));
    return closed.length > FEW_CELLS ? closed : [];
  }
}

/** In the middle of its children, but never far below the first of them. */
function beside(children: readonly string[], places: ReadonlyMap<string, Place>): number {
  const first = places.get(children[0] ?? '')?.y ?? 0;
  const last = places.get(children.at(-1) ?? '')?.y ?? first;
  return Math.min((first + last) / 2, first + ROWS_DOWN * (HEIGHT + GAP_Y));
}

interface Part {
  ids: string[];
  roots: string[];
  links: (readonly [from: string, to: string])[];
}

/** What hangs together when the application itself is left out, in the order of the first node of each. */
function parts(graph: Graph, tree: Tree): Part[] {
  const leaders = new Map<string, string>();
  const leaderOf = (id: string): string => {
    let at = id;
    for (let up = leaders.get(at); up !== undefined; up = leaders.get(at)) at = up;
    return at;
  };
  const join = (left: string, right: string): void => {
    const one = leaderOf(left);
    const other = leaderOf(right);
    if (one !== other) leaders.set(other, one);
  };
  for (const id of graph.ids) {
    const parent = tree.parents.get(id);
    if (parent && parent !== tree.top) join(parent, id);
  }
  for (const [from, to] of graph.links) join(from, to);
  const found = new Map<string, Part>();
  for (const id of graph.ids) {
    if (id === tree.top) continue;
    const leader = leaderOf(id);
    const part = found.get(leader) ?? { ids: [], roots: [], links: [] };
    found.set(leader, part);
    part.ids.push(id);
    const parent = tree.parents.get(id);
    if (!parent || parent === tree.top) part.roots.push(id);
  }
  for (const link of graph.links) found.get(leaderOf(link[0]))?.links.push(link);
  return [...found.values()];
}

function layered(part: Part, tree: Tree, top: number, places: Map<string, Place>): number {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: GAP_Y, ranksep: GAP_X, ranker: 'longest-path' });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of part.ids) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const id of part.ids) {
    const parent = tree.parents.get(id);
    if (parent && parent !== tree.top) graph.setEdge(parent, id);
  }
  for (const [from, to] of part.links) graph.setEdge(from, to);
  dagre(graph);
  const left = tree.top === null ? 0 : WIDTH + GAP_X;
  let bottom = top;
  for (const id of part.ids) {
    const { x, y } = graph.node(id);
    const place = { x: left + x - WIDTH / 2, y: top + y - HEIGHT / 2 };
    places.set(id, place);
    bottom = Math.max(bottom, place.y + HEIGHT);
  }
  return bottom - top;
}
