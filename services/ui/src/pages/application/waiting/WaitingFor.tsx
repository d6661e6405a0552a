/** "What am I waiting for": while an operation runs, the phase, the wave, the object and what keeps it. */

import { useSend } from '@/api';
import type { Waiting as Said } from '@/api/schema';
import { Button } from '@/components/Button';
import { Link } from '@/components/Link';
import { Duration, Time } from '@/components/Time';
import { toast } from '@/components/toasts';
import { inert } from '@/text/inert';
import { Text } from '@/text/Text';
import { named, terminate } from '../acts';
import type { Application, TreeObject } from '../model';
import { useRight } from '../rights';
import { plural } from '../state/words';
import { type Awaited, type Waiting, waitingOf } from './awaited';
import css from './WaitingFor.module.css';

export interface WaitingForProps {
  application: Application;
  told: Said | undefined;
  objects: ReadonlyMap<string, TreeObject>;
  /** The address that opens an object. */
  addressOf: (key: string) => string;
}

export function WaitingFor({ application, told, objects, addressOf }: WaitingForProps) {
  const waiting = waitingOf(application, told, objects);
  if (!waiting) return null;
  return (
    <section aria-label="What is waited for" className={css.box}>
      <div className={css.head}>
        <h2>{waiting.title}</h2>
        <p className={css.facts}>
          {waiting.facts.join(' · ')}
          {waiting.startedAt && (
            <>
              {waiting.facts.length > 0 && ' · '}
              for <Duration from={waiting.startedAt} />
            </>
          )}
        </p>
        {waiting.operation !== 'none' && <End application={application} operation={waiting.operation} />}
      </div>
      {waiting.next && (
        <p>
          <strong>
            The next attempt begins <Time at={waiting.next} />.
          </strong>
        </p>
      )}
      <Message waiting={waiting} />
      {waiting.awaited.length > 0 && (
        <ul className={css.list}>
          {waiting.awaited.map((one) => (
            <Item key={`${one.key} ${one.what}`} awaited={one} address={one.application || addressOf(one.key)} />
          ))}
          {waiting.more > 0 && <li>{`and ${waiting.more} more ${plural(waiting.more, 'object')}`}</li>}
        </ul>
      )}
    </section>
  );
}

/** The sentence that the command shows too, where there is no list that says the same. */
function Message({ waiting }: { waiting: Waiting }) {
  if (waiting.awaited.length > 0) return null;
  const message = waiting.message || (waiting.operation === 'none' ? '' : 'It has just begun.');
  return message ? (
    <p role="status">
      <Text value={message} lines={4} />
    </p>
  ) : null;
}

function End({ application, operation }: { application: Application; operation: Waiting['operation'] }) {
  const who = named(application);
  const can = useRight(application, 'sync');
  const end = useSend(() => terminate(who), { onDone: () => toast.ok('The operation is being ended.') });
  return (
    <Button
      small
      icon="stop"
      busy={end.isPending}
      refused={operation === 'ending' ? 'It is being ended already' : can.refusal}
      onClick={() => end.mutate(undefined, { onError: (error) => toast.failed(error, 'Ending the operation') })}
    >
      End it
    </Button>
  );
}

function Item({ awaited, address }: { awaited: Awaited; address: string }) {
  return (
    <li>
      <Link to={address}>
        {inert(awaited.kind)} <bdi>{inert(awaited.name)}</bdi>
      </Link>{' '}
      <span className={css.facts}>
        {awaited.what}
        {awaited.since && (
          <>
            {', for '}
            <Duration from={awaited.since} />
          </>
        )}
        {awaited.until && (
          <>
            {'; given up '}
            <Time at={awaited.until} />
          </>
        )}
      </span>
      {awaited.reasons.map((reason) => (
        <p key={reason} className={css.reason}>
          <Text value={reason} length={300} lines={3} />
        </p>
      ))}
    </li>
  );
}
