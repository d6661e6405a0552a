/** A picture as the nodes and edges of React Flow, each of a size that is known before it is drawn. */

import { type Edge, type Node, Position } from '@xyflow/react';
import { inert } from '@/text/inert';
import css from './Canvas.module.css';
import { type Frame, framesOf } from './grid';
import { labelOf } from './label';
import type { Picture, Shown } from './picture';
import { HEIGHT, type Place, sizeOf } from './place';

interface CardData extends Record<string, unknown> {
  shown: Shown;
  title: string;
  label: string;
  isActive: boolean;
  isSelected: boolean;
  isCell: boolean;
  onToggle: (shown: Shown) => void;
}

export type CardNode = Node<CardData, 'card'>;
/** What is drawn around the members of an open pile; to readers there is none. */
export type FrameNode = Node<Record<string, unknown>, 'frame'>;
export type DrawnNode = CardNode | FrameNode;

function handles(width: number, height: number) {
  return [
    { type: 'source' as const, position: Position.Right, x: width, y: height / 2, width: 1, height: 1 },
    { type: 'target' as const, position: Position.Left, x: 0, y: height / 2, width: 1, height: 1 },
  ];
}

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

export function nodesOf(picture: Picture, places: ReadonlyMap<string, Place>, marks: Marks): DrawnNode[] {
  const nodes: DrawnNode[] = frames(picture, places).map(frameNode);
  for (const shown of picture.shown) {
    const place = places.get(shown.id);
    if (!place) continue;
    const { width, height } = sizeOf(place);
    const isSelected = shown.id === marks.selected;
    const isActive = shown.id === marks.active;
    nodes.push({
      id: shown.id,
      type: 'card',
      position: { x: place.x, y: place.y },
      width,
      height,
      measured: { width, height },
      handles: handles(width, height),
      ariaRole: 'treeitem',
      domAttributes: attributesOf(shown, isSelected),
      data: {
        shown,
        title: marks.title,
        label: inert(labelOf(shown, marks.title)),
        isActive,
        isSelected,
        isCell: place.isCell === true,
        onToggle: marks.onToggle,
      },
    });
  }
  return nodes;
}

function frames(picture: Picture, places: ReadonlyMap<string, Place>): Frame[] {
  const cells: [string, Place][] = [];
  for (const { id, parent } of picture.shown) {
    const place = places.get(id);
    if (parent !== null && place?.isCell) cells.push([parent, place]);
  }
  return framesOf(cells);
}

function frameNode({ pile, x, y, width, height }: Frame): FrameNode {
  return {
    id: frameId(pile),
    type: 'frame',
    position: { x, y },
    width,
    height,
    measured: { width, height },
    handles: [{ type: 'target' as const, position: Position.Left, x: 0, y: HEIGHT / 2, width: 1, height: 1 }],
    data: {},
    zIndex: -1,
    ariaRole: 'presentation',
    domAttributes: { 'aria-hidden': true, 'aria-roledescription': undefined },
    style: { pointerEvents: 'none' },
  };
}

function frameId(pile: string): string {
  return `frame:${pile}`;
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
    const place = places.get(id);
    if (parent !== null && place && !place.isCell && places.has(parent)) edges.push(edge(parent, id, css.edge));
  }
  for (const { pile } of frames(picture, places)) edges.push(edge(pile, frameId(pile), css.edge));
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
