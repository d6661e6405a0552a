/** All objects as a table, what needs a look first. */

import { useMemo, useRef, useState } from 'react';
import { useKeys } from '@/components/keys';
import { Link } from '@/components/Link';
import { Badge, Health, Sync } from '@/components/Status';
import { Time } from '@/components/Time';
import { type VirtualColumn, type VirtualHandle, VirtualTable } from '@/components/VirtualList';
import { useSize } from '@/pages/applications/useSize';
import { inert } from '@/text/inert';
import type { TreeObject } from '../model';
import { reasonOf } from '../tree/label';
import css from './ListView.module.css';
import { sortedBy } from './sorted';

export interface ListViewProps {
  objects: readonly TreeObject[];
  selected: string | null;
  addressOf: (key: string) => string;
  onChoose: (key: string) => void;
}

export function ListView({ objects, selected, addressOf, onChoose }: ListViewProps) {
  const [sort, setSort] = useState('trouble');
  const [active, setActive] = useState(-1);
  const handle = useRef<VirtualHandle>(null);
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const items = useMemo(() => sortedBy(objects, sort), [objects, sort]);
  const at = active >= 0 ? Math.min(active, items.length - 1) : items.findIndex((one) => one.key === selected);
  const go = (to: number) => {
    const next = Math.max(0, Math.min(to, items.length - 1));
    setActive(next);
    handle.current?.scrollTo(next);
  };
  const open = () => {
    const one = items[at];
    if (one) onChoose(one.key);
  };
  useKeys(
    {
      j: { label: 'Next object', run: () => go(at + 1) },
      k: { label: 'Previous object', run: () => go(at - 1) },
      ArrowDown: { label: 'Next object', run: () => go(at + 1) },
      ArrowUp: { label: 'Previous object', run: () => go(at - 1) },
      Enter: { label: 'Open the object', run: open },
    },
    'Objects',
  );
  return (
    <div ref={frame} className={css.list}>
      <VirtualTable
        label="Objects of the application"
        columns={columnsFor(width, addressOf)}
        items={items}
        keyOf={(one) => one.key}
        sort={sort}
        onSort={setSort}
        active={at}
        onOpen={(one) => onChoose(one.key)}
        handle={handle}
      />
    </div>
  );
}

/** Pixels that a column needs of the list to be shown; in less than the last the states are signs. */
const ROOM: Record<string, number> = { namespace: 760, wave: 700, created: 620 };
const SIGNS = 520;

/** The columns that there is room for: what is wrong is never out of sight. */
function columnsFor(width: number, addressOf: (key: string) => string): VirtualColumn<TreeObject>[] {
  return columns(addressOf, width > 0 && width < SIGNS).filter(({ key }) => !width || width >= (ROOM[key] ?? 0));
}

function columns(addressOf: (key: string) => string, isSmall: boolean): VirtualColumn<TreeObject>[] {
  const sign = { compact: isSmall };
  return [
    {
      key: 'name',
      title: 'Name',
      sort: 'name',
      width: isSmall ? 'minmax(100px, 1fr)' : 'minmax(180px, 3fr)',
      render: (one) => (
        <span className={css.name}>
          <Link to={addressOf(one.key)} title={inert(one.name)}>
            <bdi>{inert(one.name)}</bdi>
          </Link>
          {one.isHook && <Badge>hook</Badge>}
          {one.requiresPruning && <Badge tone="warn">to be pruned</Badge>}
          {one.isOrphan && <Badge>orphan</Badge>}
        </span>
      ),
    },
    {
      key: 'kind',
      title: 'Kind',
      sort: 'kind',
      width: isSmall ? '88px' : 'minmax(110px, 1.4fr)',
      render: (one) => <span title={one.group}>{inert(one.kind)}</span>,
    },
    {
      key: 'namespace',
      title: 'Namespace',
      sort: 'namespace',
      width: 'minmax(90px, 1.2fr)',
      render: (one) => <bdi>{inert(one.namespace)}</bdi>,
    },
    {
      key: 'sync',
      title: 'Sync',
      sort: 'sync',
      width: isSmall ? '36px' : '110px',
      render: (one) => (one.sync ? <Sync status={one.sync} {...sign} /> : '–'),
    },
    {
      key: 'health',
      title: 'Health',
      sort: 'health',
      width: isSmall ? '46px' : '120px',
      render: (one) => (one.health ? <Health status={one.health} {...sign} /> : '–'),
    },
    {
      key: 'why',
      title: 'Why',
      width: 'minmax(120px, 2.4fr)',
      render: (one) => {
        const reason = inert(reasonOf(one));
        return (
          <bdi className={css.reason} title={reason}>
            {reason}
          </bdi>
        );
      },
    },
    {
      key: 'wave',
      title: 'Wave',
      sort: 'wave',
      width: '70px',
      align: 'end',
      render: (one) => (one.isManaged ? one.wave : ''),
    },
    {
      key: 'created',
      title: 'Created',
      sort: '-created',
      width: '110px',
      render: (one) => <Time at={one.node.createdAt} />,
    },
  ];
}
