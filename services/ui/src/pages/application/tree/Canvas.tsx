/**
 * The tree as a picture that is moved and zoomed. To readers and to the keyboard it is a tree (WAI-ARIA): the focus stays on
 * the tree, `aria-activedescendant` says where one is, and what one is at is always brought into the window.
 */

import '@xyflow/react/dist/base.css';
import { Handle, type NodeProps, Position, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '@/components/Button';
import css from './Canvas.module.css';
import { Card } from './Card';
import { type CardNode, edgesOf, elementOf, nodesOf } from './flow';
import { found, nextTrouble, stepOf, TYPING } from './move';
import { APPLICATION, type Picture, type Shown } from './picture';
import type { Place } from './place';
import { troubleOf } from './trouble';
import { useLayout } from './use_layout';
import { useResize } from './use_resize';
import { beginning, fitting, isSeen, LARGEST, type Size, SMALLEST, showing } from './viewport';

export interface CanvasProps {
  picture: Picture;
  /** The name of the application, at the root. */
  title: string;
  /** What the tree shows, for readers. */
  label: string;
  active: string;
  /** The node whose panel is open. */
  selected: string | null;
  onActive: (id: string) => void;
  onOpen: (id: string) => void;
  onClose: (id: string) => void;
  /** An object or the application was chosen. */
  onChoose: (shown: Shown) => void;
  onTidy: () => void;
}

const NODE_TYPES = {
  card: ({ data }: NodeProps<CardNode>) => <Card {...data} />,
  frame: () => (
    <div className={css.frame}>
      <Handle type="target" position={Position.Left} isConnectable={false} className={css.handle} />
    </div>
  ),
};
const NOTHING_PRESSED = {
  deleteKeyCode: null,
  selectionKeyCode: null,
  multiSelectionKeyCode: null,
  panActivationKeyCode: null,
  zoomActivationKeyCode: null,
};

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

/** Whether something is wrong with what a node stands for. */
function isTrouble({ object, pile }: Shown): boolean {
  return object ? troubleOf(object) > 1 : !!pile && pile.trouble > 1;
}

function Flow({ picture, title, label, active, selected, onActive, onOpen, onClose, onChoose, onTidy }: CanvasProps) {
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const hasBegun = useRef(false);
  /** Whether a person moved or zoomed it: then it is not fitted anew by itself. */
  const isMoved = useRef(false);
  const [isActiveSeen, setActiveSeen] = useState(false);
  const typed = useRef({ word: '', at: 0 });
  const places = useRef<ReadonlyMap<string, Place>>(new Map());
  const size = (): Size => box.current?.getBoundingClientRect() ?? { width: 0, height: 0 };
  const anchors = () => {
    const seen = picture.shown.find((one) => {
      const place = places.current.get(one.id);
      return place && isSeen(place, size(), flow.getViewport());
    });
    return [selected, active === APPLICATION ? null : active, seen?.id ?? null, APPLICATION];
  };
  const arrangement = useLayout(picture, anchors, () => size().width / (size().height || 1));
  places.current = arrangement.places;

  const toggle = useRef((_: Shown) => {});
  toggle.current = (shown) => {
    onActive(shown.id);
    if (shown.isOpen) onClose(shown.id);
    else onOpen(shown.id);
  };
  const onToggle = useRef((shown: Shown) => toggle.current(shown)).current;
  const nodes = useMemo(
    () => nodesOf(picture, arrangement.places, { title, active, selected, onToggle }),
    [picture, arrangement.places, title, active, selected, onToggle],
  );
  const edges = useMemo(() => edgesOf(picture, arrangement.places), [picture, arrangement.places]);

  const begin = () => {
    hasBegun.current = true;
    isMoved.current = false;
    const first = nextTrouble(picture, null, isTrouble);
    if (active === APPLICATION && first) onActive(first);
    void flow.setViewport(beginning(places.current, size(), selected ?? first));
  };
  useLayoutEffect(() => {
    if (!hasBegun.current && arrangement.places.size) begin();
  });
  useResize(box, () => {
    if (hasBegun.current && !isMoved.current) begin();
  });
  const look = () => {
    const place = places.current.get(active);
    setActiveSeen(!!place && isSeen(place, size(), flow.getViewport()));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is in the window is asked for anew after each of these.
  useEffect(look, [active, arrangement.places]);

  const bring = (id: string) => {
    const place = places.current.get(id);
    if (!place) return;
    const now = flow.getViewport();
    const next = showing(place, size(), now);
    if (next !== now) void flow.setViewport(next);
  };
  const go = (id: string) => {
    onActive(id);
    bring(id);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen is brought into the window when it changes only.
  useEffect(() => {
    if (selected && hasBegun.current) bring(selected);
  }, [selected]);

  const zoom = (change: () => Promise<boolean>) => {
    isMoved.current = true;
    void change();
  };
  const choose = (shown: Shown) => {
    onActive(shown.id);
    if (shown.pile) toggle.current(shown);
    else onChoose(shown);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const step = stepOf(picture, active, event.key);
    if (step) {
      event.preventDefault();
      const shown = picture.shown[picture.at.get(step.id) ?? -1];
      if (step.do === 'go') go(step.id);
      else if (step.do === 'open') onOpen(step.id);
      else if (step.do === 'close') onClose(step.id);
      else if (shown) choose(shown);
    } else if (event.key.length === 1 && /\S/.test(event.key)) {
      const isLater = event.timeStamp - typed.current.at > TYPING;
      typed.current = { word: (isLater ? '' : typed.current.word) + event.key, at: event.timeStamp };
      const id = found(picture, active, typed.current.word);
      if (id) go(id);
    }
  };

  return (
    <div className={css.canvas}>
      <div
        ref={box}
        role="tree"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={isActiveSeen ? elementOf(active) : undefined}
        onFocus={() => bring(active)}
        className={css.tree}
        onKeyDown={onKeyDown}
        data-structure={arrangement.structure === picture.structure ? 'laid-out' : 'waiting'}
        data-milliseconds={Math.round(arrangement.milliseconds)}
      >
        <ReactFlow
          {...NOTHING_PRESSED}
          ref={quiet}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          onNodeClick={(_, node) => {
            if (node.type === 'card') choose(node.data.shown);
          }}
          onlyRenderVisibleElements
          onMove={(event) => {
            if (event) isMoved.current = true;
            look();
          }}
          disableKeyboardA11y
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          panOnScroll
          zoomOnDoubleClick={false}
          minZoom={SMALLEST}
          maxZoom={LARGEST}
          proOptions={{ hideAttribution: true }}
        />
      </div>
      <div className={css.controls}>
        <IconButton icon="add" label="Zoom in" onClick={() => zoom(flow.zoomIn)} />
        <IconButton icon="minus" label="Zoom out" onClick={() => zoom(flow.zoomOut)} />
        <IconButton
          icon="fit"
          label="Show all of it"
          onClick={() => void flow.setViewport(fitting(places.current, size()))}
        />
        <IconButton
          icon="tree"
          label="Tidy: draw it as if it was opened now"
          onClick={() => {
            hasBegun.current = false;
            onTidy();
          }}
        />
        {picture.troubled > 0 && (
          <IconButton
            icon="alert"
            label="Go to the next problem"
            onClick={() => {
              const next = nextTrouble(picture, active, isTrouble);
              if (next) go(next);
            }}
          />
        )}
      </div>
    </div>
  );
}

/** What the library says of itself to readers would break the tree: its frame is none, its edges are drawn only. */
function quiet(element: HTMLDivElement | null): void {
  element?.setAttribute('role', 'presentation');
  element?.querySelector('.react-flow__edges')?.setAttribute('aria-hidden', 'true');
}
