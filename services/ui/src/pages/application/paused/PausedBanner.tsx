/** What everybody has to know who looks at an application that is paused: until when, by whom, and why. */

import { useSend } from '@/api';
import type { Paused } from '@/api/schema';
import { Button } from '@/components/Button';
import { classes } from '@/components/classes';
import { Icon } from '@/components/Icon';
import { Time } from '@/components/Time';
import { toast } from '@/components/toasts';
import { Text } from '@/text/Text';
import { merge, named } from '../acts';
import type { Application } from '../model';
import css from '../notice/Notice.module.css';
import { useRight } from '../rights';
import { meanwhile, pausedWords } from './words';

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

function Resume({ application }: { application: Application }) {
  const can = useRight(application, 'update');
  const nothing = Object.fromEntries(FIELDS.map((field) => [PREFIX + field, null]));
  const change = JSON.stringify({ metadata: { annotations: nothing } });
  const lift = useSend(() => merge(named(application), change), { onDone: () => toast.ok('The pause is lifted.') });
  return (
    <Button
      small
      busy={lift.isPending}
      refused={can.refusal}
      onClick={() => lift.mutate(undefined, { onError: (error) => toast.failed(error, 'Lifting the pause') })}
    >
      Resume now
    </Button>
  );
}
