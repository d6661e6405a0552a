/** A picture as the nodes and edges of React Flow, each of a size that is known before it is drawn. */

import { type Edge, type Node, Position } from '@xyflow/react';
import { inert } from '@/text/inert';
import css from './Canvas.module.css';
import { labelOf } from './label';
import type { Picture, Shown } from './picture';
import { HEIGHT, type Place, WIDTH } from './place';

interface CardData extends Record<string, unknown> {
  shown: Shown;
  title: string;
  label: string;
  isActive: boolean;
  isSelected: boolean;
  onToggle: (shown: Shown) => void;
}

export type CardNode = Node<CardData, 'card'>;

const HANDLES = [
  { type: 'source' as const, position: Position.Right, x: WIDTH, y: HEIGHT / 2, width: 1, height: 1 },
  { type: 'target' as const, position: Position.Left, x: 0, y: HEIGHT / 2, width: 1, height: 1 },
];
/** The id of a node's element. */
export function elementOf(id: string): string {
  return `tree-${encodeURIComponent(id)}`;
}

interface Marks {
  title: string;
  active: string;
  selected: string | null;
  onToggle: (shown: Shown) => void;
}

export function nodesOf(picture: Picture, places: ReadonlyMap<string, Place>, marks: Marks): CardNode[] {
  const nodes: CardNode[] = [];
  for (const shown of picture.shown) {
    const position = places.get(shown.id);
    if (!position) continue;
    const isSelected = shown.id === marks.selected;
    const isActive = shown.id === marks.active;
    nodes.push({
      id: shown.id,
      type: 'card',
      position,
      width: WIDTH,
      height: HEIGHT,
      measured: { width: WIDTH, height: HEIGHT },
      handles: HANDLES,
      ariaRole: 'treeitem',
      domAttributes: attributesOf(shown, isSelected),
      data: {
        shown,
        title: marks.title,
        label: inert(labelOf(shown, marks.title)),
        isActive,
        isSelected,
        onToggle: marks.onToggle,
      },
    });
  }
  return nodes;
}

function attributesOf(shown: Shown, isSelected: boolean) {
  return {
    id: elementOf(shown.id),
    'aria-roledescription': undefined,
    'aria-level': shown.level,
    'aria-posinset': shown.position,
    'aria-setsize': shown.siblings,
    'aria-selected': isSelected,
    ...(shown.isOpen === null ? {} : { 'aria-expanded': shown.isOpen }),
  };
}

export function edgesOf(picture: Picture, places: ReadonlyMap<string, Place>): Edge[] {
  const edges: Edge[] = [];
  for (const { id, parent } of picture.shown) {
    if (parent !== null && places.has(id) && places.has(parent)) edges.push(edge(parent, id, css.edge));
  }
  for (const [from, to] of picture.links) if (places.has(from) && places.has(to)) edges.push(edge(from, to, css.link));
  return edges;
}

function edge(source: string, target: string, className: string | undefined): Edge {
  return {
    id: `${source}>${target}`,
    source,
    target,
    ...(className ? { className } : {}),
    ariaRole: 'presentation',
    domAttributes: { 'aria-hidden': true, 'aria-roledescription': undefined },
  };
}
