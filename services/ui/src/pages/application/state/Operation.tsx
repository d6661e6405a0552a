/** The operation that runs, or the last one: who asked for what, and what it did to each object. */

import { type ReactNode, useState } from 'react';
import { useSend } from '@/api';
import type { Waiting } from '@/api/schema';
import { Button } from '@/components/Button';
import { classes } from '@/components/classes';
import { Link } from '@/components/Link';
import { Panel } from '@/components/Panel';
import { Revision } from '@/components/Revision';
import { Badge, Phase } from '@/components/Status';
import { type Column, Table } from '@/components/Table';
import { Duration, Time } from '@/components/Time';
import { toast } from '@/components/toasts';
import { inert } from '@/text/inert';
import { Inert, Text } from '@/text/Text';
import { named, terminate } from '../acts';
import { type Application, type OperationState, revisionsOf } from '../model';
import { useRight } from '../rights';
import { Commit } from './Commit';
import css from './Conditions.module.css';
import { askedOf, attemptWords, causeOf, type Outcome, outcomesOf } from './result';
import { operationPhrase } from './words';

/** Results that are shown at first. */
const SHOWN = 100;

export interface OperationProps {
  application: Application;
  /** What it waits for, as the controller tells. */
  told: Waiting | undefined;
  addressOf: (key: string) => string;
  onClose: () => void;
}

export function Operation({ application, told, addressOf, onClose }: OperationProps) {
  const [count, setCount] = useState(SHOWN);
  const state = application.status?.operationState;
  const outcomes = outcomesOf(state);
  return (
    <Panel
      title="Operation"
      name="operation"
      onClose={onClose}
      actions={state?.phase === 'Running' && <Terminate application={application} />}
    >
      {state ? <Facts application={application} state={state} told={told} /> : <p>Nothing was synced yet.</p>}
      {outcomes.length > 0 && (
        <Table
          label="What it did to each object"
          columns={columns(addressOf)}
          rows={outcomes.slice(0, count)}
          keyOf={(one) => one.id}
        />
      )}
      {outcomes.length > count && (
        <Button onClick={() => setCount(count + 500)}>{`Show more (${outcomes.length - count} left)`}</Button>
      )}
    </Panel>
  );
}

interface FactsProps {
  application: Application;
  state: OperationState;
  told: Waiting | undefined;
}

function Facts({ application, state, told }: FactsProps) {
  const revisions = revisionsOf(state.syncResult).length
    ? revisionsOf(state.syncResult)
    : revisionsOf(state.operation?.sync);
  const asked = askedOf(state);
  const attempt = attemptWords(state);
  const next = told?.reason === 'retry' && told.startedAt === state.startedAt ? told.until : undefined;
  return (
    <div className={classes(css.item, css.whole)}>
      <p className={css.title}>
        <Phase phase={state.phase ?? ''} />
        <strong>
          <Inert text={operationPhrase(application)?.text ?? ''} />
        </strong>
      </p>
      {state.message && (
        <p>
          <Text value={state.message} lines={12} />
        </p>
      )}
      {next && (
        <p>
          <strong>
            The next attempt begins <Time at={next} />.
          </strong>
        </p>
      )}
      <dl className={css.facts}>
        <Fact name="Cause">
          <Inert text={causeOf(state)} />
        </Fact>
        <Fact name="Begun">
          <Time at={state.startedAt} />
          {state.finishedAt && !next && (
            <>
              , ended <Time at={state.finishedAt} />, took <Duration from={state.startedAt} to={state.finishedAt} />
            </>
          )}
        </Fact>
        {revisions.map((revision, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a revision is that of the source at its place, and two may be the same.
          <Fact key={`${index} ${revision}`} name={revisions.length > 1 ? `Revision ${index + 1}` : 'Revision'}>
            <Revision sha={revision} />
            <Commit application={application} revision={revision} source={index} />
          </Fact>
        ))}
        {asked.length > 0 && (
          <Fact name="Asked">
            <Text value={asked.join(', ')} length={300} />
          </Fact>
        )}
        {attempt && <Fact name="Tries">{attempt}</Fact>}
        {(state.operation?.info ?? []).map((one) => (
          <Fact key={`${one.name} ${one.value}`} name={one.name ?? ''}>
            <Text value={one.value} length={300} />
          </Fact>
        ))}
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>
        <Text value={name} length={60} lines={1} />
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function Terminate({ application }: { application: Application }) {
  const who = named(application);
  const can = useRight(application, 'sync');
  const end = useSend(() => terminate(who), { onDone: () => toast.ok('The operation is being ended.') });
  return (
    <Button
      small
      icon="stop"
      busy={end.isPending}
      refused={can.refusal}
      onClick={() => end.mutate(undefined, { onError: (error) => toast.failed(error, 'Ending the operation') })}
    >
      Terminate
    </Button>
  );
}

function columns(addressOf: (key: string) => string): Column<Outcome>[] {
  return [
    { key: 'result', title: 'Result', render: (one) => <Badge tone={one.tone}>{one.word}</Badge> },
    {
      key: 'object',
      title: 'Object',
      render: (one) => (
        <>
          <Link to={addressOf(one.key)}>
            {inert(one.kind)} <bdi>{inert(one.name)}</bdi>
          </Link>
          {one.namespace && <div className={css.since}>{inert(one.namespace)}</div>}
        </>
      ),
    },
    { key: 'phase', title: 'Phase', render: (one) => one.phase || '–' },
    {
      key: 'message',
      title: 'Message',
      render: (one) => (one.message ? <Text value={one.message} lines={4} /> : '–'),
    },
  ];
}
