/** What everybody has to know who looks at an application that is paused: until when, by whom, and why. */

import { useSend } from '@/api';
import type { Paused, Pinned } from '@/api/schema';
import { Button } from '@/components/Button';
import { classes } from '@/components/classes';
import { Icon } from '@/components/Icon';
import { Time } from '@/components/Time';
import { toast } from '@/components/toasts';
import { Text } from '@/text/Text';
import { merge, named } from '../acts';
import { type Annotations, noPin } from '../history/pin';
import type { Application } from '../model';
import css from '../notice/Notice.module.css';
import { useRight } from '../rights';
import { meanwhile, pausedWords, pinnedWords } from './words';

const PREFIX = 'fairlead.dev/paused-';
const FIELDS = ['until', 'since', 'by', 'reason', 'syncs'];

export function PausedBanner({ application, pauses }: { application: Application; pauses: readonly Paused[] }) {
  if (!pauses.length) return null;
  return (
    <aside aria-label="Paused" className={classes(css.notice, css.warning)}>
      <Icon name="alert" />
      <div className={css.text}>
        {pauses.map((pause) => (
          <p key={`${pause.scope} ${pause.name ?? ''}`}>
            <strong>
              <Text value={pausedWords(pause)} length={500} />
            </strong>
            {pause.until && (
              <>
                {' – ends '}
                <Time at={pause.until} />
              </>
            )}
          </p>
        ))}
        <p>{meanwhile(pauses)}</p>
      </div>
      {pauses.some((one) => one.scope === 'application') && <Resume application={application} />}
    </aside>
  );
}

/** What an application stays at, and until when. */
export function PinnedBanner({ application, pin }: { application: Application; pin: Pinned | undefined }) {
  if (!pin || pin.problem) return null;
  return (
    <aside aria-label="Pinned" className={classes(css.notice, css.warning)}>
      <Icon name="alert" />
      <div className={css.text}>
        <p>
          <strong>
            <Text value={pinnedWords(pin)} length={500} />
          </strong>
          {pin.until && (
            <>
              {' – ends '}
              <Time at={pin.until} />
            </>
          )}
        </p>
        <p>It is healed to that, and follows nothing newer.</p>
      </div>
      <Lift
        application={application}
        annotations={noPin()}
        label="Follow again"
        done="It follows what is newest again."
      />
    </aside>
  );
}

function Resume({ application }: { application: Application }) {
  const nothing = Object.fromEntries(FIELDS.map((field) => [PREFIX + field, null]));
  return <Lift application={application} annotations={nothing} label="Resume now" done="The pause is lifted." />;
}

interface LiftProps {
  application: Application;
  annotations: Annotations;
  label: string;
  done: string;
}

function Lift({ application, annotations, label, done }: LiftProps) {
  const can = useRight(application, 'update');
  const change = JSON.stringify({ metadata: { annotations } });
  const lift = useSend(() => merge(named(application), change), { onDone: () => toast.ok(done) });
  return (
    <Button
      small
      busy={lift.isPending}
      refused={can.refusal}
      onClick={() => lift.mutate(undefined, { onError: (error) => toast.failed(error, label) })}
    >
      {label}
    </Button>
  );
}
