/** The operation that runs, or the last one: what it did to each object. */

import { useState } from 'react';
import { Button } from '@/components/Button';
import { classes } from '@/components/classes';
import { Link } from '@/components/Link';
import { Panel } from '@/components/Panel';
import { Badge, Phase } from '@/components/Status';
import { Time } from '@/components/Time';
import { applicationPath } from '@/routing';
import { Inert, Text } from '@/text/Text';
import { nodeParameter } from '../address';
import { type Application, keyOf, type ResourceResult } from '../model';
import css from './Conditions.module.css';
import { operationPhrase } from './words';

/** Results that are shown at first. */
const SHOWN = 100;

export function Operation({ application, onClose }: { application: Application; onClose: () => void }) {
  const [count, setCount] = useState(SHOWN);
  const state = application.status?.operationState;
  const said = operationPhrase(application);
  const isOver = Boolean(state?.finishedAt);
  const results = (state?.syncResult?.resources ?? [])
    .map((one) => (isOver ? ended(one) : one))
    .sort((left, right) => weightOf(right) - weightOf(left));
  return (
    <Panel title="Operation" name="operation" onClose={onClose}>
      {!state && <p>Nothing was synced yet.</p>}
      {state && (
        <div className={classes(css.item, css.whole)}>
          <p className={css.title}>
            <Phase phase={state.phase ?? ''} />
            <strong>
              <Inert text={said?.text ?? ''} />
            </strong>
          </p>
          {state.message && (
            <p>
              <Text value={state.message} lines={12} />
            </p>
          )}
          <p className={css.since}>
            begun <Time at={state.startedAt} />
            {state.finishedAt && (
              <>
                , ended <Time at={state.finishedAt} />
              </>
            )}
            {Number(state.retryCount ?? 0) > 0 && `, tried again ${state.retryCount} times`}
          </p>
        </div>
      )}
      <ul className={css.list}>
        {results.slice(0, count).map((result) => (
          <Result
            key={`${keyOf(result)} ${result.hookType ?? ''} ${result.syncPhase ?? ''}`}
            result={result}
            application={application}
          />
        ))}
      </ul>
      {results.length > count && (
        <Button onClick={() => setCount(count + 500)}>{`Show more (${results.length - count} left)`}</Button>
      )}
    </Panel>
  );
}

/** What is no hook keeps the phase Running for good: of it an operation that is over says how it was synced. */
function ended(result: ResourceResult): ResourceResult {
  return result.hookType || result.hookPhase !== 'Running' ? result : { ...result, hookPhase: '' };
}

function weightOf(result: ResourceResult): number {
  if (result.status === 'SyncFailed' || result.hookPhase === 'Failed' || result.hookPhase === 'Error') return 3;
  if (result.hookPhase === 'Running') return 2;
  return result.status === 'PruneSkipped' ? 1 : 0;
}

function Result({ result, application }: { result: ResourceResult; application: Application }) {
  const weight = weightOf(result);
  const to = `${applicationPath(application.metadata?.namespace ?? '', application.metadata?.name ?? '')}?node=${encodeURIComponent(nodeParameter(result))}`;
  return (
    <li className={css.item}>
      <p className={css.title}>
        <Badge tone={weight === 3 ? 'bad' : weight === 2 ? 'busy' : weight === 1 ? 'warn' : 'ok'}>
          {result.hookPhase || result.status || 'Waiting'}
        </Badge>
        <Link to={to}>
          {result.kind} <bdi>{result.name}</bdi>
        </Link>
        <span className={css.since}>
          {[result.syncPhase, result.hookType ? `${result.hookType} hook` : '', result.namespace]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      {result.message && (
        <p>
          <Text value={result.message} lines={4} />
        </p>
      )}
    </li>
  );
}
