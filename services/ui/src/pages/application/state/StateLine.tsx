/** How the application fares, in one line of plain words. Each part says what, why and since when. */

import type { ReactNode } from 'react';
import { useGet } from '@/api';
import { Button } from '@/components/Button';
import { Icon, type IconName } from '@/components/Icon';
import { Time } from '@/components/Time';
import { Contained } from '@/extensions/Contained';
import { type StatusPart, useExtensions } from '@/extensions/registry';
import type { Change } from '@/routing';
import { cut } from '@/text/cut';
import type { Tone } from '@/text/status';
import { Inert } from '@/text/Text';
import { named, pathOf } from '../acts';
import { applicationParameter, CLOSED } from '../address';
import { type Application, healthOf, revisionsOf, type TreeObject } from '../model';
import { reasonOf } from '../tree/label';
import { worstOf } from '../tree/trouble';
import { Commit } from './Commit';
import { Hydrate } from './Hydrate';
import { hydrationPhrase } from './hydration';
import { Pause } from './Pause';
import css from './StateLine.module.css';
import {
  automationPhrase,
  type Concern,
  conditionsOf,
  healthPhrase,
  operationPhrase,
  type Phrase,
  plural,
  type SyncWindows,
  syncPhrase,
  windowPhrase,
} from './words';

const ICONS: Record<Tone, IconName> = { ok: 'check', busy: 'progress', warn: 'alert', bad: 'cross', neutral: 'info' };
/** Characters of a detail. */
const DETAIL = 160;
const TITLES = {
  sync: 'Sync',
  health: 'Health',
  operation: 'Last operation',
  automation: 'Policy',
  window: 'Window',
  hydration: 'Hydration',
};

export interface StateLineProps {
  application: Application;
  objects: ReadonlyMap<string, TreeObject>;
  isDeleted: boolean;
  /** Open what the address names. */
  open: (fields: Change) => void;
}

export function StateLine({ application, objects, isDeleted, open }: StateLineProps) {
  const { name, appNamespace, project } = named(application);
  const windows = useGet<SyncWindows>(
    `${pathOf(name)}/syncwindows`,
    { appNamespace, project },
    { refetchInterval: isDeleted ? false : 60_000 },
  );
  const sync = syncPhrase(application);
  const hydration = hydrationPhrase(application);
  const isUnhydrated = hydration?.tone === 'bad';
  const hydrate = !isDeleted && <Hydrate application={application} />;
  const operation = operationPhrase(application);
  const window = windowPhrase(windows.data);
  const concerns = conditionsOf(application);
  const added = useExtensions().status;
  const isDifferent = application.status?.sync?.status === 'OutOfSync';
  const show = (what: 'why' | 'operation' | 'conditions', label: string) => (
    <Button small onClick={() => open({ ...CLOSED, [what]: 'true' })}>
      {label}
    </Button>
  );
  return (
    <section aria-label="State" className={css.line}>
      <Part
        phrases={[sync]}
        below={<Commit application={application} revision={revisionsOf(application.status?.sync)[0] ?? ''} />}
      >
        {isDifferent && show('why', 'Why?')}
      </Part>
      {hydration && (
        <Part phrases={[hydration]} below={isUnhydrated && hydrate}>
          {isUnhydrated ? (
            <Button small onClick={() => open({ ...CLOSED, node: applicationParameter(application), tab: 'summary' })}>
              Why?
            </Button>
          ) : (
            hydrate
          )}
        </Part>
      )}
      <Part phrases={[healthPhrase(application, worstWords(application, objects))]} />
      {operation && (
        <Part phrases={[operation]} title={operation.tone === 'busy' ? 'Operation' : undefined}>
          {application.status?.operationState && show('operation', 'Results')}
        </Part>
      )}
      <Part phrases={window ? [automationPhrase(application), window] : [automationPhrase(application)]}>
        {!isDeleted && <Pause application={application} />}
      </Part>
      {concerns.length > 0 && (
        <Part title="Conditions" phrases={[concernPhrase(concerns)]}>
          {show('conditions', 'Show')}
        </Part>
      )}
      {added.map((one) => (
        <Added
          key={one.id}
          part={one}
          application={application}
          openFlyout={() => open({ ...CLOSED, extension: one.id })}
        />
      ))}
    </section>
  );
}

function Added({ part, ...given }: { part: StatusPart; application: Application; openFlyout: () => void }) {
  return (
    <div className={css.part}>
      <div className={css.head}>
        <h2 className={css.title}>
          <Inert text={part.title} />
        </h2>
      </div>
      <div className={css.added}>
        <Contained room="lines" of={part} given={given} />
      </div>
    </div>
  );
}

function worstWords(application: Application, objects: ReadonlyMap<string, TreeObject>): string {
  const worst = worstOf(objects.values(), healthOf(application.status?.health?.status));
  return worst ? `${worst.kind} ${worst.name}: ${reasonOf(worst)}` : '';
}

function concernPhrase(concerns: readonly Concern[]): Phrase {
  const first = concerns[0];
  return {
    topic: 'window',
    tone: first?.severity === 'error' ? 'bad' : 'warn',
    text: countWords(concerns.map((one) => one.severity)),
    detail: first?.message ?? '',
    at: first?.lastTransitionTime ?? '',
  };
}

function countWords(severities: readonly string[]): string {
  const of = (severity: string) => severities.filter((one) => one === severity).length;
  const parts = ['error', 'warning', 'info'].map((word) =>
    of(word) ? `${of(word)} ${word === 'info' ? 'more' : plural(of(word), word)}` : '',
  );
  return parts.filter(Boolean).join(', ');
}

interface PartProps {
  phrases: readonly Phrase[];
  title?: string | undefined;
  below?: ReactNode;
  children?: ReactNode;
}

/** One thing to know: its title with since when and what opens, then a line for each phrase. */
function Part({ phrases, title, below, children }: PartProps) {
  const first = phrases[0];
  if (!first) return null;
  return (
    <div className={css.part}>
      <div className={css.head}>
        <h2 className={css.title}>{title ?? TITLES[first.topic]}</h2>
        <span className={css.act}>{children}</span>
      </div>
      {phrases.map((phrase) => (
        <div key={phrase.topic} className={css[phrase.tone]}>
          <p className={css.text}>
            <span className={css.sign}>
              <Icon name={ICONS[phrase.tone]} turns={phrase.tone === 'busy'} />
            </span>
            <span>
              <Inert text={phrase.text} />{' '}
              {phrase.at && (
                <span className={css.at}>
                  <Time at={phrase.at} />
                </span>
              )}
            </span>
          </p>
          {phrase.detail && (
            <p className={css.detail}>
              <Inert text={shortened(phrase.detail)} />
            </p>
          )}
        </div>
      ))}
      {below}
    </div>
  );
}

/** The beginning of a long text; the whole is in the panel that the part opens. */
function shortened(text: string): string {
  const short = cut(text, DETAIL, 2);
  return short.length < text.length ? `${short}…` : short;
}
