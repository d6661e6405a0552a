/** Ways to what owns an object and to what it owns. */
import { useState } from 'react';
import { Button, Health, Link, Text } from '@/components';
import { formatKey } from '@/kubernetes/key';
import { applicationPath, changed, useFields } from '@/routing';
import type { TreeNode } from '../../model';
import { keyOfNode, stateOf } from '../family';
import type { Owner } from '../requests';
import type { Shown } from '../useShown';
import css from './Summary.module.css';

/** Children that are listed unasked. */
const FEW = 10;

export function Relatives({ shown }: { shown: Shown }) {
  const { family, owner } = shown;
  return (
    <>
      <Group name={family.owners.length === 1 ? 'Owner' : 'Owners'} nodes={family.owners} owner={owner} />
      <Group name="Owns" nodes={family.children} owner={owner} />
    </>
  );
}

function Group({ name, nodes, owner }: { name: string; nodes: readonly TreeNode[]; owner: Owner }) {
  const [isWhole, setWhole] = useState(false);
  const [fields] = useFields();
  if (nodes.length === 0) return null;
  const listed = isWhole ? nodes : [...nodes].sort(byTrouble).slice(0, FEW);
  const pathTo = (node: TreeNode) => {
    const query = changed(fields, { node: formatKey(keyOfNode(node)), tab: null });
    return `${applicationPath(owner.namespace, owner.name)}?${query}`;
  };
  return (
    <section>
      <h3 className={css.heading}>{name}</h3>
      <ul className={css.relatives}>
        {listed.map((node) => (
          <li key={formatKey(keyOfNode(node))} className={css.relative}>
            <Link to={pathTo(node)}>
              {node.kind} <Text value={node.name ?? ''} />
            </Link>
            {node.health?.status ? <Health status={node.health.status} /> : <Text value={stateOf(node)} />}
          </li>
        ))}
      </ul>
      {listed.length < nodes.length && (
        <Button kind="quiet" small onClick={() => setWhole(true)}>
          {`Show all ${nodes.length}`}
        </Button>
      )}
    </section>
  );
}

const WORST = ['Degraded', 'Missing', 'Progressing', 'Unknown', 'Suspended'];

function byTrouble(one: TreeNode, other: TreeNode): number {
  return trouble(one) - trouble(other);
}

function trouble(node: TreeNode): number {
  const at = WORST.indexOf(node.health?.status ?? '');
  return at < 0 ? WORST.length : at;
}
