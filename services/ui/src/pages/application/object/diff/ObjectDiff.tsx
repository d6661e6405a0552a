/** What differs between an object and Git, and why. */
import { useMemo } from 'react';
import { useGet } from '@/api';
import type { ExplainAnswer } from '@/api/schema';
import { Diff, type DiffMode, Empty, Loading, NARROW, RadioGroup, useMedia } from '@/components';
import { isSame } from '@/kubernetes/key';
import { usePreference } from '@/preferences';
import { keyOfNode } from '../family';
import type { Owner } from '../requests';
import type { Shown } from '../useShown';
import { Differences } from './Differences';
import css from './ObjectDiff.module.css';
import { statesOf, WORDS } from './states';

const MODES: readonly { readonly value: DiffMode; readonly label: string }[] = [
  { value: 'side', label: 'Side by side' },
  { value: 'inline', label: 'Inline' },
  { value: 'compact', label: 'Compact' },
];

/** The two sides in one column. */
const BELOW = 'First what is live, below it what a sync would make of it.';

export function ObjectDiff({ shown }: { shown: Shown }) {
  const { managed } = shown;
  const isNarrow = useMedia(NARROW);
  const [preferred, setMode] = usePreference<DiffMode>('diff', 'side');
  const mode = isNarrow && preferred === 'side' ? 'inline' : preferred;
  const states = useMemo(() => (managed ? statesOf(managed) : null), [managed]);
  if (!states) return shown.isRead ? null : <Loading lines={8} />;
  if (states.kind === 'same') {
    return <Empty title="Nothing differs">A sync would leave this object as it is.</Empty>;
  }
  const isBoth = states.kind === 'differs';
  return (
    <div className={css.all}>
      <div className={css.bar}>
        <p className={css.words}>{isBoth && mode !== 'side' ? BELOW : WORDS[states.kind]}</p>
        {isBoth && (
          <RadioGroup
            legend="How the diff is shown"
            hideLegend
            joined
            value={mode}
            onChange={(value) => setMode(value as DiffMode)}
            options={MODES.filter((one) => !isNarrow || one.value !== 'side')}
          />
        )}
      </div>
      <Diff
        left={states.left}
        right={states.right}
        mode={isBoth ? mode : 'inline'}
        leftLabel="Live"
        rightLabel="After a sync"
        fits
      />
      <Why shown={shown} />
    </div>
  );
}

function Why({ shown }: { shown: Shown }) {
  const { key, owner, managed } = shown;
  const { data } = useGet<ExplainAnswer>('/api/v1/explain', explained(owner, shown), {
    enabled: managed !== null,
  });
  const found = data?.items.find((one) => isSame(keyOfNode(one), key));
  if (!found) return null;
  return <Differences object={found} />;
}

function explained(owner: Owner, { key }: Shown) {
  return {
    application: owner.name,
    appNamespace: owner.namespace,
    project: owner.project,
    group: key.group,
    kind: key.kind,
    namespace: key.namespace,
    name: key.name,
  };
}
