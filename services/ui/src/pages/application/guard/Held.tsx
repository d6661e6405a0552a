/** A prune or a deletion that waits for a person: what would go, and the way on and back. */

import { useState } from 'react';
import { useSend } from '@/api';

import { wordsOf } from '@/api/errors';
import { Button } from '@/components/Button';
import { Confirm } from '@/components/Confirm';
import { toast } from '@/components/toasts';
import { Text } from '@/text/Text';
import { merge, named, terminate } from '../acts';
import type { Application } from '../model';
import { useRight } from '../rights';
import { plural } from '../state/words';
import css from './Held.module.css';
import { approval, type Held as Waits } from './waits';

/** Of what waits, shown at first. */
const SHOWN = 10;

export function Held({ held, application }: { held: Waits; application: Application }) {
  const [isAsked, setAsked] = useState(false);
  const who = named(application);
  const can = useRight(application, 'update');
  const mayStop = useRight(application, 'sync');
  const confirm = useSend(() => merge(who, approval(new Date(), held.list)), {
    onDone: () => {
      setAsked(false);
      toast.ok('Confirmed. What waited is deleted now.');
    },
  });
  const stop = useSend(() => terminate(who), {
    onDone: () => toast.ok('The operation is being ended. Nothing of what waited is deleted.'),
  });
  const count = held.items.length + held.more;
  const action = held.what === 'deletion' ? 'Delete' : `Prune ${count} ${plural(count, 'object')}`;
  return (
    <section aria-label="Waits for you" className={css.box}>
      <h2>
        {held.what === 'deletion' ? 'The deletion waits for your confirmation' : 'A prune waits for your confirmation'}
      </h2>
      <p>
        <Text value={held.reason} /> Everything else goes on.
      </p>
      <Items held={held} />
      <div className={css.acts}>
        <Button kind="danger" refused={can.refusal} onClick={() => setAsked(true)}>
          {`${action}…`}
        </Button>
        {held.what === 'prune' && (
          <Button
            busy={stop.isPending}
            refused={mayStop.refusal}
            onClick={() => stop.mutate(undefined, { onError: (error) => toast.failed(error, 'Ending the operation') })}
          >
            Stop the operation, keep everything
          </Button>
        )}
      </div>
      {isAsked && (
        <Confirm
          title={action}
          action={action}
          name={who.name}
          busy={confirm.isPending}
          error={confirm.error ? wordsOf(confirm.error) : null}
          onConfirm={() => confirm.mutate(undefined)}
          onClose={() => setAsked(false)}
        >
          <p>These are deleted from the cluster, and cannot be had back from here:</p>
          <Items held={held} />
        </Confirm>
      )}
    </section>
  );
}

function Items({ held }: { held: Waits }) {
  const [isWhole, setWhole] = useState(false);
  const items = isWhole ? held.items : held.items.slice(0, SHOWN);
  const rest = held.items.length - items.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys. */}
      <ul className={css.items} tabIndex={0} aria-label="What would go">
        {items.map((item) => (
          <li key={item}>
            <Text value={item} length={300} />
          </li>
        ))}
        {held.more > 0 && <li>{`and ${held.more} more that the server does not name`}</li>}
      </ul>
      {rest > 0 && (
        <Button small kind="quiet" onClick={() => setWhole(true)}>
          {`Show ${rest} more`}
        </Button>
      )}
    </>
  );
}
