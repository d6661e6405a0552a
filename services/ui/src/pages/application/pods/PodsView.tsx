/** Pods in groups: by the node that runs them, their parent or their workload; trouble first. */

import { useMemo, useState } from 'react';
import { Button } from '@/components/Button';
import { classes } from '@/components/classes';
import { Icon } from '@/components/Icon';
import { RadioGroup } from '@/components/Input';
import { Link } from '@/components/Link';
import { Empty } from '@/components/States';
import { inert } from '@/text/inert';
import { counted } from '@/text/quantity';
import { healthWords } from '@/text/status';
import type { Host, TreeObject } from '../model';
import type { Forest } from '../tree/forest';
import { detailOf, stateWords } from '../tree/label';
import { type PodGroup, type PodSort, podGroups, SORTS, usesOf } from '../tree/pods';
import css from './PodsView.module.css';

export interface PodsViewProps {
  objects: ReadonlyMap<string, TreeObject>;
  forest: Forest;
  hosts: readonly Host[];
  matching: (object: TreeObject) => boolean;
  wished: string;
  addressOf: (key: string) => string;
}

/** Pods of a group that are drawn unasked. */
const SHOWN = 120;

export function PodsView({ objects, forest, hosts, matching, wished, addressOf }: PodsViewProps) {
  const [sort, setSort] = useState<PodSort>(() => SORTS.find((one) => one.value === wished)?.value ?? 'node');
  const groups = useMemo(() => {
    const chosen = new Map([...objects].filter(([, object]) => object.kind !== 'Pod' || matching(object)));
    return podGroups(chosen, forest, hosts, sort);
  }, [objects, forest, hosts, matching, sort]);
  return (
    <section aria-label="Pods" className={css.pods}>
      <RadioGroup
        legend="Grouped by"
        joined
        value={sort}
        options={SORTS}
        onChange={(value) => setSort(SORTS.find((one) => one.value === value)?.value ?? 'node')}
      />
      {groups.length === 0 && (
        <Empty title="No pods">Nothing of this application runs in a pod, or no pod matches the filters.</Empty>
      )}
      <div className={css.groups}>
        {groups.map((group) => (
          <Group key={group.id} group={group} addressOf={addressOf} />
        ))}
      </div>
    </section>
  );
}

function Group({ group, addressOf }: { group: PodGroup; addressOf: (key: string) => string }) {
  const [isWhole, setWhole] = useState(false);
  const pods = isWhole ? group.pods : group.pods.slice(0, SHOWN);
  const title = inert(group.title);
  return (
    <section className={classes(css.group, group.troubled > 0 && css.troubled)} aria-label={`${group.kind} ${title}`}>
      <h3 className={css.title}>
        <span className={css.muted}>{group.kind}</span>
        {group.owner ? (
          <Link to={addressOf(group.owner.key)}>
            <bdi>{title}</bdi>
          </Link>
        ) : (
          <bdi>{title}</bdi>
        )}
      </h3>
      <p className={css.muted}>
        {counted(group.pods.length, 'pod')}
        {group.troubled > 0 && `, ${group.troubled} not well`}
      </p>
      {group.host && <Uses host={group.host} />}
      <ul className={css.squares}>
        {pods.map((pod) => (
          <Pod key={pod.key} pod={pod} address={addressOf(pod.key)} />
        ))}
      </ul>
      {group.pods.length > pods.length && (
        <Button
          small
          kind="quiet"
          onClick={() => setWhole(true)}
        >{`Show ${group.pods.length - pods.length} more`}</Button>
      )}
    </section>
  );
}

function Pod({ pod, address }: { pod: TreeObject; address: string }) {
  const words = healthWords(pod.health || 'Unknown');
  const label = `Pod ${inert(pod.name)}${inert(stateWords(pod))}`;
  const detail = detailOf(pod);
  return (
    <li>
      <Link
        to={address}
        className={classes(css.pod, css[words.tone])}
        aria-label={label}
        title={`${label}${detail ? ` (${inert(detail)})` : ''}`}
      >
        <Icon name={words.icon} size={14} turns={words.icon === 'progress'} />
      </Link>
    </li>
  );
}

function Uses({ host }: { host: Host }) {
  return (
    <dl className={css.uses}>
      {usesOf(host).map((use) => {
        const percent = (part: number) => `${Math.round(part * 100)}%`;
        const words = `${percent(use.mine)} asked for by this application, ${percent(use.others)} by others`;
        return (
          <div key={use.name} className={css.use}>
            <dt>{use.name}</dt>
            <dd title={words}>
              <span className={css.words}>{words}</span>
              <span className={css.bar} aria-hidden="true">
                <span className={css.mine} style={{ width: percent(use.mine) }} />
                <span className={css.others} style={{ width: percent(use.others) }} />
              </span>
              <span aria-hidden="true">{`${percent(use.mine)} here, ${percent(use.others)} others`}</span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
