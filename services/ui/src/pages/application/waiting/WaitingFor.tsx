/** "What am I waiting for": while an operation runs, the phase, the wave, the object and the reason of its pod. */

import { useSend } from '@/api';
import { Button } from '@/components/Button';
import { Link } from '@/components/Link';
import { Duration } from '@/components/Time';
import { toast } from '@/components/toasts';
import { Text } from '@/text/Text';
import { named, terminate } from '../acts';
import type { Application, TreeObject } from '../model';
import { useRight } from '../rights';
import { waitingOf } from './awaited';
import css from './WaitingFor.module.css';

export interface WaitingForProps {
  application: Application;
  objects: ReadonlyMap<string, TreeObject>;
  /** The address that opens an object. */
  addressOf: (key: string) => string;
}

export function WaitingFor({ application, objects, addressOf }: WaitingForProps) {
  const who = named(application);
  const can = useRight(application, 'sync');
  const end = useSend(() => terminate(who), { onDone: () => toast.ok('The operation is being ended.') });
  const waiting = waitingOf(application, objects);
  if (!waiting) return null;
  const facts = [
    waiting.step,
    waiting.wave === null ? '' : `wave ${waiting.wave}`,
    waiting.total ? `${waiting.done} of ${waiting.total} objects done` : '',
    waiting.attempt ? `attempt ${waiting.attempt + 1}` : '',
  ].filter(Boolean);
  return (
    <section aria-label="What is waited for" className={css.box}>
      <div className={css.head}>
        <h2>{waiting.phase === 'Terminating' ? 'The operation is being ended' : 'A sync runs'}</h2>
        <p className={css.facts}>
          {facts.join(' · ')}
          {waiting.startedAt && (
            <>
              {facts.length > 0 && ' · '}
              for <Duration from={waiting.startedAt} />
            </>
          )}
        </p>
        <Button
          small
          icon="stop"
          busy={end.isPending}
          refused={waiting.phase === 'Terminating' ? 'It is being ended already' : can.refusal}
          onClick={() => end.mutate(undefined, { onError: (error) => toast.failed(error, 'Ending the operation') })}
        >
          End it
        </Button>
      </div>
      <p role="status">
        <Text value={waiting.message || 'It has just begun.'} lines={4} />
      </p>
      {waiting.awaited.length > 0 && (
        <ul className={css.list}>
          {waiting.awaited.map((one) => (
            <li key={one.key}>
              <Link to={addressOf(one.key)}>
                {one.isHook ? 'hook ' : ''}
                {one.kind} <bdi>{one.name}</bdi>
              </Link>
              {one.reasons.map((reason) => (
                <p key={reason} className={css.reason}>
                  <Text value={reason} length={300} lines={3} />
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
