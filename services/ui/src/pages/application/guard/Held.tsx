/** A prune or a deletion that waits for a person: what would go, and the way on and back. */

import { useState } from 'react';
import { useSend } from '@/api';
import { serverNow } from '@/api/clock';
import { wordsOf } from '@/api/errors';
import { Button } from '@/components/Button';
import { Confirm } from '@/components/Confirm';
import { Link } from '@/components/Link';
import { toast } from '@/components/toasts';
import { Text } from '@/text/Text';
import { merge, named, terminate } from '../acts';
import type { Application } from '../model';
import { useRight } from '../rights';
import { plural } from '../state/words';
import css from './Held.module.css';
import { approval, type HeldItem, type Held as Waits } from './waits';

/** Of what waits, shown at first. */
const SHOWN = 10;

export interface HeldProps {
  held: Waits;
  application: Application;
  addressOf: (key: string) => string;
}

export function Held({ held, application, addressOf }: HeldProps) {
  /** The list that is confirmed: what was there when the question was asked, whatever comes meanwhile. */
  const [asked, setAsked] = useState<Waits | null>(null);
  const who = named(application);
  const can = useRight(application, 'update');
  const mayStop = useRight(application, 'sync');
  const confirm = useSend((list: Waits) => merge(who, approval(serverNow(), list.list)), {
    onDone: () => {
      setAsked(null);
      toast.ok('Confirmed. What waited is deleted now.');
    },
  });
  const stop = useSend(() => terminate(who), {
    onDone: () => toast.ok('The operation is being ended. Nothing of what waited is deleted.'),
  });
  const action = actionOf(held);
  const unknown = held.isKnown
    ? ''
    : 'What would go is not known now; it can be confirmed once the controller tells it';
  return (
    <section aria-label="Waits for you" className={css.box}>
      <h2>
        {held.what === 'deletion' ? 'The deletion waits for your confirmation' : 'A prune waits for your confirmation'}
      </h2>
      <p>
        <Text value={held.reason} /> {held.what === 'prune' && 'Everything else goes on.'}
      </p>
      {held.refused && (
        <p role="status">
          <strong>{held.refused}</strong>
        </p>
      )}
      <Items items={held.items} more={held.more} addressOf={addressOf} />
      <div className={css.acts}>
        <Button kind="danger" refused={can.refusal || unknown} onClick={() => setAsked(held)}>
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
      {asked && (
        <Confirm
          title={actionOf(asked)}
          action={actionOf(asked)}
          name={who.name}
          busy={confirm.isPending}
          error={confirm.error ? wordsOf(confirm.error) : null}
          onConfirm={() => confirm.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p>These are deleted from the cluster, and cannot be had back from here:</p>
          <Items items={asked.items} more={asked.more} />
        </Confirm>
      )}
    </section>
  );
}

function actionOf(held: Waits): string {
  const count = held.items.length + held.more;
  if (held.what === 'deletion') return 'Delete';
  return count ? `Prune ${count} ${plural(count, 'object')}` : 'Prune';
}

interface ItemsProps {
  items: readonly HeldItem[];
  more: number;
  /** Where each can be looked at; not given, none is a link. */
  addressOf?: (key: string) => string;
}

function Items({ items, more, addressOf }: ItemsProps) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? items : items.slice(0, SHOWN);
  const rest = items.length - shown.length;
  if (!items.length && !more) return null;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys. */}
      <ul className={css.items} tabIndex={0} aria-label="What would go">
        {shown.map((item) => (
          <li key={item.key}>
            {addressOf ? (
              <Link to={addressOf(item.key)}>
                <Text value={item.words} length={300} />
              </Link>
            ) : (
              <Text value={item.words} length={300} />
            )}
          </li>
        ))}
        {more > 0 && <li>{`and ${more} more that the server does not name`}</li>}
      </ul>
      {rest > 0 && (
        <Button small kind="quiet" onClick={() => setWhole(true)}>
          {`Show ${rest} more`}
        </Button>
      )}
    </>
  );
}
