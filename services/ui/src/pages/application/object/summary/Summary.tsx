/** What an object is, how it is, and whose. */
import { type ReactNode, useState } from 'react';
import type { ResourceStatus } from '@/api/schema';
import { Badge, Button, Copy, Health, Sync, Text, Time } from '@/components';
import { isObject, type Json, type JsonObject, objectAt, textAt } from '@/kubernetes/json';
import { isSame } from '@/kubernetes/key';
import { count } from '@/text/quantity';
import type { TreeNode } from '../../model';
import { containersOf } from '../containers';
import { keyOfNode } from '../family';
import type { Shown } from '../useShown';
import { Conditions } from './Conditions';
import { Links } from './Links';
import { Managers } from './Managers';
import { Relatives } from './Relatives';
import css from './Summary.module.css';

const TRACKING = 'argocd.argoproj.io/tracking-id';

export function Summary({ shown }: { shown: Shown }) {
  const { key, live, desired, family, application, version } = shown;
  const status = application.status?.resources?.find((one) => isSame(keyOfNode(one), key));
  const manifest = live ?? desired;
  const metadata = objectAt(manifest ?? undefined, 'metadata');
  return (
    <div className={css.summary}>
      <dl className={css.facts}>
        <State node={family.node} status={status} />
        <Fact name="Kind">
          {key.kind} <span className={css.muted}>{[key.group, version].filter(Boolean).join('/')}</span>
        </Fact>
        <Fact name="Namespace">{key.namespace ? <Text value={key.namespace} /> : 'of the whole cluster'}</Fact>
        <Fact name="Created" isKnown={textAt(metadata, 'creationTimestamp') !== ''}>
          <Time at={textAt(metadata, 'creationTimestamp')} />
        </Fact>
        <Fact name="Being deleted" isKnown={textAt(metadata, 'deletionTimestamp') !== ''}>
          since <Time at={textAt(metadata, 'deletionTimestamp')} />
        </Fact>
        <Info node={family.node} />
        <Order node={family.node} status={status} />
        <Images images={imagesOf(family.node, manifest)} />
      </dl>
      <Relatives shown={shown} />
      <Conditions manifest={live} />
      <Links shown={shown} />
      <Pairs name="Labels" pairs={metadata.labels} />
      <Pairs name="Annotations" pairs={metadata.annotations} />
      <Managers manifest={live} tracking={textAt(metadata, 'annotations', TRACKING)} />
    </div>
  );
}

export function Fact({ name, isKnown = true, children }: { name: string; isKnown?: boolean; children: ReactNode }) {
  if (!isKnown) return null;
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function State({ node, status }: { node: TreeNode | null; status: ResourceStatus | undefined }) {
  const health = node?.health ?? status?.health;
  const sync = node?.sync || status?.status;
  return (
    <>
      <Fact name="Health" isKnown={Boolean(health?.status)}>
        <Health status={health?.status ?? ''} />
        {health?.message && (
          <div className={css.message}>
            <Text value={health.message} lines={6} />
          </div>
        )}
      </Fact>
      <Fact name="Sync" isKnown={Boolean(sync)}>
        <Sync status={sync ?? ''} />
        {(node?.requiresPruning ?? status?.requiresPruning) && (
          <div className={css.message}>Git does not have it any more: a sync that prunes deletes it.</div>
        )}
      </Fact>
    </>
  );
}

/** What the controller says of a kind in a few words: a pod's state, its restarts, a revision. */
function Info({ node }: { node: TreeNode | null }) {
  return (node?.info ?? []).map((item) => (
    <Fact key={item.name} name={item.name ?? ''} isKnown={Boolean(item.name && item.value)}>
      <Text value={item.value ?? ''} />
    </Fact>
  ));
}

function Order({ node, status }: { node: TreeNode | null; status: ResourceStatus | undefined }) {
  const wave = Number(node?.syncWave ?? status?.syncWave ?? 0);
  const isHook = node?.hook ?? status?.hook ?? false;
  return (
    <>
      <Fact name="Hook" isKnown={isHook}>
        <Badge>runs during syncs</Badge>
      </Fact>
      <Fact name="Sync wave" isKnown={wave !== 0}>
        {wave}
      </Fact>
    </>
  );
}

/** Those that the tree names, or those of the pods that a manifest describes. */
function imagesOf(node: TreeNode | null, manifest: JsonObject | null): readonly string[] {
  const said = node?.images ?? [];
  return said.length > 0 ? said : [...new Set(containersOf(manifest).map((one) => one.image))].filter(Boolean);
}

function Images({ images }: { images: readonly string[] }) {
  return (
    <Fact name={images.length === 1 ? 'Image' : 'Images'} isKnown={images.length > 0}>
      <ul className={css.images}>
        {images.map((image) => (
          <li key={image}>
            <code>
              <Text value={image} />
            </code>{' '}
            <Copy text={image} />
          </li>
        ))}
      </ul>
    </Fact>
  );
}

/** The annotation in which whole manifests are repeated; the manifest tab has it. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Labels or annotations that are shown before somebody asks for all. */
const MOST = 100;

function Pairs({ name, pairs }: { name: string; pairs: Json | undefined }) {
  const shown = isObject(pairs) ? Object.entries(pairs).filter(([key]) => key !== LAST_APPLIED) : [];
  const [isWhole, setWhole] = useState(false);
  if (shown.length === 0) return null;
  const rest = isWhole ? 0 : shown.length - MOST;
  return (
    <section>
      <h3 className={css.heading}>{name}</h3>
      <dl className={css.pairs}>
        {(rest > 0 ? shown.slice(0, MOST) : shown).map(([key, value]) => (
          <div key={key} className={css.pair}>
            <dt>
              <Text value={key} />
            </dt>
            <dd>
              <Text value={String(value)} lines={3} />
            </dd>
          </div>
        ))}
      </dl>
      {rest > 0 && (
        <Button small onClick={() => setWhole(true)}>
          {`Show ${count(rest)} more`}
        </Button>
      )}
    </section>
  );
}
