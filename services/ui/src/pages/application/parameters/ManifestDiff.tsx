/** Manifests of two states, object by object: what is new, what goes, what changes, each with its difference. */
import { useState } from 'react';
import { Badge, Empty, Text } from '@/components';
import { Code, Diff } from '@/components/code';
import { yamlOf } from '@/kubernetes/manifest_text';
import { counted } from '@/text/quantity';
import { keyOf, titleOf } from '../sync/objects';
import css from './parameters.module.css';

export interface ManifestPair {
  group?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  left?: string;
  right?: string;
}

export interface ManifestDiffProps {
  items: readonly ManifestPair[];
  same: number;
  more: number;
}

/** Objects from which on the differences are closed at first. */
const OPEN = 3;

export function ManifestDiff({ items, same, more }: ManifestDiffProps) {
  if (items.length === 0) {
    return (
      <Empty title="No manifest would change">{same > 0 && <>{counted(same, 'object')} stay as they are.</>}</Empty>
    );
  }
  return (
    <div className={css['manifests']}>
      <p role="status">{summary(items, same, more)}</p>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: objects that the cluster names have no other identity.
        <One key={`${keyOf(refOf(item))}/${index}`} item={item} isOpen={index < OPEN && items.length <= OPEN} />
      ))}
    </div>
  );
}

function One({ item, isOpen }: { item: ManifestPair; isOpen: boolean }) {
  const [open, setOpen] = useState(isOpen);
  const how = howOf(item);
  return (
    <details className={css['manifest']} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Badge tone={TONES[how]}>{how}</Badge> <Text value={titleOf(refOf(item))} />
      </summary>
      {open && <Shown item={item} how={how} />}
    </details>
  );
}

/** What is wholly new or gone is shown as it is; a difference says nothing of it. */
function Shown({ item, how }: { item: ManifestPair; how: How }) {
  const title = titleOf(refOf(item));
  if (how === 'changed') {
    return <Diff left={yamlOf(item.left)} right={yamlOf(item.right)} mode="compact" fits />;
  }
  return <Code value={yamlOf(how === 'new' ? item.right : item.left)} label={`${title}, ${how}`} fits />;
}

type How = 'new' | 'gone' | 'changed';
const TONES = { new: 'ok', gone: 'bad', changed: 'warn' } as const;

function howOf(item: ManifestPair): How {
  if (!item.left) return 'new';
  return item.right ? 'changed' : 'gone';
}

export function summary(items: readonly ManifestPair[], same: number, more: number): string {
  const number = (how: How) => items.filter((item) => howOf(item) === how).length;
  const parts = [
    [number('new'), 'new'],
    [number('changed'), 'changed'],
    [number('gone'), 'gone'],
    [same, 'the same'],
    [more, 'more that differ'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

function refOf(item: ManifestPair) {
  return { group: item.group ?? '', kind: item.kind ?? '', namespace: item.namespace ?? '', name: item.name ?? '' };
}
