/** One node of the tree as it is drawn: what it is, how it fares, and how many are below it. */

import { Handle, Position } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import { classes } from '@/components/classes';
import { Icon, type IconName } from '@/components/Icon';
import { inert } from '@/text/inert';
import { count } from '@/text/quantity';
import { healthWords, syncWords, type Tone } from '@/text/status';
import type { TreeObject } from '../model';
import css from './Card.module.css';
import { detailOf, kinds, pileState, toneOf } from './label';
import type { Shown } from './picture';
import type { Pile } from './piles';

export interface CardProps {
  shown: Shown;
  title: string;
  label: string;
  isActive: boolean;
  isSelected: boolean;
  /** One of many alike in a grid: what they share is said by their pile. */
  isCell: boolean;
  onToggle: (shown: Shown) => void;
}

export const Card = memo(function Card({ shown, title, label, isActive, isSelected, isCell, onToggle }: CardProps) {
  const tone = shown.object
    ? toneOf(shown.object)
    : shown.pile
      ? toneOf({ ...shown.pile, requiresPruning: false })
      : 'neutral';
  const className = classes(
    css.card,
    isCell && css.cell,
    css[tone],
    shown.pile && css.pile,
    shown.isContext && css.context,
    shown.object?.isOrphan && css.orphan,
    isActive && css.active,
    isSelected && css.selected,
  );
  return (
    <div className={className}>
      <Handle type="target" position={Position.Left} isConnectable={false} className={css.handle} />
      <Handle type="source" position={Position.Right} isConnectable={false} className={css.handle} />
      <span className={css.label}>{label}</span>
      <span aria-hidden="true" className={css.seen}>
        {shown.object ? (
          isCell ? (
            <CellWords object={shown.object} />
          ) : (
            <ObjectWords object={shown.object} />
          )
        ) : shown.pile ? (
          <PileWords pile={shown.pile} />
        ) : (
          <Words top="Application" name={title} />
        )}
        {shown.isOpen !== null && <Toggle shown={shown} onToggle={onToggle} />}
      </span>
    </div>
  );
});

function ObjectWords({ object }: { object: TreeObject }) {
  const detail = detailOf(object);
  return (
    <>
      <span className={css.signs}>
        <Signs object={object} />
      </span>
      <Words top={`${object.kind}${marks(object)}`} name={object.name} detail={detail} />
    </>
  );
}

/** The sign of its health, and that of its sync unless it is in sync; `isOne` has room for the worse of both. */
function Signs({ object, isOne = false }: { object: TreeObject; isOne?: boolean }) {
  const health = object.health ? healthWords(object.health) : null;
  const sync = object.sync && object.sync !== 'Synced' ? syncWords(object.sync) : null;
  if (!health && !sync) return <Sign tone={object.sync ? 'ok' : 'neutral'} icon={object.sync ? 'check' : 'minus'} />;
  const isHealthSaid = health && !(isOne && sync && object.health === 'Healthy');
  return (
    <>
      {isHealthSaid && <Sign {...health} />}
      {sync && !(isOne && isHealthSaid) && <Sign {...sync} />}
    </>
  );
}

function CellWords({ object }: { object: TreeObject }) {
  return (
    <>
      <span className={css.signs}>
        <Signs object={object} isOne />
      </span>
      <bdi className={css.name} title={inert(object.name)}>
        {inert(object.name)}
      </bdi>
    </>
  );
}

function marks(object: TreeObject): string {
  const found = [
    object.isHook ? 'hook' : '',
    object.requiresPruning ? 'to be pruned' : '',
    object.isOrphan ? 'orphan' : '',
  ];
  return found
    .filter(Boolean)
    .map((mark) => ` · ${mark}`)
    .join('');
}

function PileWords({ pile }: { pile: Pile }) {
  const said = pile.trouble > 1 && pile.health && pile.health !== 'Healthy' ? healthWords(pile.health) : null;
  const sign = said ?? (pile.sync === 'OutOfSync' ? syncWords(pile.sync) : healthWords('Healthy'));
  return (
    <>
      <span className={css.signs}>
        <Sign {...sign} />
      </span>
      <Words top={pileState(pile)} name={`${pile.members.length} ${kinds(pile)}`} />
    </>
  );
}

function Words({ top, name, detail }: { top: string; name: string; detail?: string }): ReactNode {
  return (
    <span className={css.words}>
      <span className={css.top}>
        <span className={css.kind}>{inert(top)}</span>
        {detail && (
          <span className={css.detail} title={inert(detail)}>
            {inert(detail)}
          </span>
        )}
      </span>
      <bdi className={css.name} title={inert(name)}>
        {inert(name)}
      </bdi>
    </span>
  );
}

function Sign({ tone, icon }: { tone: Tone; icon: IconName }) {
  return (
    <span className={css[`${tone}Sign`]}>
      <Icon name={icon} turns={icon === 'progress'} size={14} />
    </span>
  );
}

function Toggle({ shown, onToggle }: { shown: Shown; onToggle: (shown: Shown) => void }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className={css.toggle}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(shown);
      }}
    >
      {shown.isOpen ? '' : count(shown.below)}
      <Icon name={shown.isOpen ? 'minus' : 'add'} size={12} />
    </button>
  );
}
