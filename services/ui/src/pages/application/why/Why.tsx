/**
 * Why the application is not as Git says: for each difference the field, both values, who owns it since when, and the
 * narrowest rule that would leave it out.
 */

import { useState } from 'react';
import type { ExplainedObject, Explanation } from '@/api/schema';
import { Button } from '@/components/Button';
import { Copy } from '@/components/Copy';
import { Link } from '@/components/Link';
import { Panel } from '@/components/Panel';
import { Empty, Failed, Loading } from '@/components/States';
import { Badge } from '@/components/Status';
import { Time } from '@/components/Time';
import { Text } from '@/text/Text';
import { type Application, keyOf } from '../model';
import { plural } from '../state/words';
import type { View } from '../view';
import { isUsable, ruleText } from './rule';
import { useWhy } from './use_why';
import css from './Why.module.css';

export interface WhyProps {
  application: Application;
  view: View;
  addressOf: (key: string) => string;
  onClose: () => void;
}

const REASONS: Record<string, string> = {
  missing: 'Git has it, the cluster does not.',
  extra: 'The cluster has it, Git does not any more.',
  unknown: 'It could not be compared.',
};

export function Why({ application, view, addressOf, onClose }: WhyProps) {
  const { answer, error, isPending, isAsking, ask, stale } = useWhy(application, view);
  return (
    <Panel
      title="Why it differs"
      name="why"
      onClose={onClose}
      actions={
        <Button small kind="quiet" icon="refresh" busy={isAsking} onClick={ask}>
          Look again
        </Button>
      }
    >
      {stale && (
        <p role="status" className={css.stale}>
          Stale: as it was <Time at={stale.since} />. <Text value={stale.why} length={200} />
        </p>
      )}
      {isPending && <Loading />}
      {error && !answer && <Failed what="Finding out why" error={error} retry={ask} />}
      {answer && answer.items.length === 0 && <Empty title="Nothing differs">The cluster is as Git says.</Empty>}
      {answer?.items.map((object) => (
        <Differing key={keyOf(object)} object={object} address={addressOf(keyOf(object))} />
      ))}
      {!!answer?.more && (
        <p>{`${answer.more} more ${plural(answer.more, 'object')} differ and are not explained here.`}</p>
      )}
    </Panel>
  );
}

function Differing({ object, address }: { object: ExplainedObject; address: string }) {
  const words = REASONS[object.reason];
  return (
    <section className={css.object} aria-label={`${object.kind} ${object.name}`}>
      <h3 className={css.title}>
        <Link to={address}>
          {object.kind} <bdi>{object.name}</bdi>
        </Link>
        {object.namespace && <span className={css.muted}>{object.namespace}</span>}
        {object.reason !== 'differs' && (
          <Badge tone={object.reason === 'unknown' ? 'bad' : 'warn'}>{object.reason}</Badge>
        )}
      </h3>
      {words && <p>{words}</p>}
      {object.problem && (
        <p>
          <Text value={object.problem} />
        </p>
      )}
      {object.differences?.map((one) => (
        <Difference key={one.path} difference={one} />
      ))}
    </section>
  );
}

function Difference({ difference }: { difference: Explanation }) {
  const [hasRule, setRule] = useState(false);
  const rule = ruleText(difference.rule);
  return (
    <div className={css.difference}>
      <p className={css.path}>
        <code>
          <Text value={difference.path} length={400} />
        </code>
        <Copy text={difference.path} what="the field" />
      </p>
      <dl className={css.values}>
        <Value label="Git says" text={difference.desired} />
        <Value label="The cluster has" text={difference.live} />
      </dl>
      <p className={css.muted}>
        <Owner difference={difference} />
      </p>
      {isUsable(difference.rule) && (
        <>
          <Button
            small
            kind="quiet"
            iconAfter={hasRule ? 'up' : 'down'}
            aria-expanded={hasRule}
            onClick={() => setRule(!hasRule)}
          >
            Rule that would leave it out
          </Button>
          {hasRule && (
            <div className={css.rule}>
              <pre>{rule}</pre>
              <Copy text={rule} label="Copy the rule" />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Value({ label, text }: { label: string; text: string | undefined }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {text ? (
          <>
            <code>
              <Text value={text} length={400} lines={8} />
            </code>
            <Copy text={text} what={label === 'Git says' ? 'what Git says' : 'what the cluster has'} />
          </>
        ) : (
          <em>nothing</em>
        )}
      </dd>
    </div>
  );
}

function Owner({ difference }: { difference: Explanation }) {
  if (!difference.manager) return 'Nobody is named as the owner of the field in the cluster.';
  const how = [difference.operation, difference.subresource ? `through ${difference.subresource}` : '']
    .filter(Boolean)
    .join(' ');
  return (
    <>
      Owned by <strong>{difference.manager}</strong>
      {how && ` (${how})`}
      {difference.since && (
        <>
          , last changed <Time at={difference.since} />
        </>
      )}
    </>
  );
}
