/** How the application fares, in one line of plain words. Each part says what, why and since when. */

import type { ReactNode } from 'react';
import { useGet } from '@/api';
import type { RevisionMetadata } from '@/api/schema';
import { Button } from '@/components/Button';
import { Icon, type IconName } from '@/components/Icon';
import { Time } from '@/components/Time';
import { Contained } from '@/extensions/Contained';
import { type StatusPart, useExtensions } from '@/extensions/registry';
import type { Change } from '@/routing';
import { cut } from '@/text/cut';
import type { Tone } from '@/text/status';
import { Inert, Text } from '@/text/Text';
import { named, pathOf } from '../acts';
import { CLOSED } from '../address';
import { type Application, revisionsOf, sourcesOf } from '../model';
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
const TITLES = { sync: 'Sync', health: 'Health', operation: 'Last operation', automation: 'Policy', window: 'Window' };

export interface StateLineProps {
  application: Application;
  isDeleted: boolean;
  /** Open what the address names. */
  open: (fields: Change) => void;
}

export function StateLine({ application, isDeleted, open }: StateLineProps) {
  const { name, appNamespace, project } = named(application);
  const windows = useGet<SyncWindows>(
    `${pathOf(name)}/syncwindows`,
    { appNamespace, project },
    { refetchInterval: isDeleted ? false : 60_000 },
  );
  const sync = syncPhrase(application);
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
      <Part phrases={[sync]} below={<Commit application={application} />}>
        {isDifferent && show('why', 'Why?')}
      </Part>
      <Part phrases={[healthPhrase(application)]} />
      {operation && (
        <Part phrases={[operation]} title={operation.tone === 'busy' ? 'Operation' : undefined}>
          {application.status?.operationState && show('operation', 'Results')}
        </Part>
      )}
      <Part phrases={window ? [automationPhrase(application), window] : [automationPhrase(application)]} />
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

/** The commit that it was compared with: its first line and who wrote it. */
function Commit({ application }: { application: Application }) {
  const { name, appNamespace, project } = named(application);
  const revision = revisionsOf(application.status?.sync)[0] ?? '';
  const source = sourcesOf(application)[0];
  const isCommit =
    /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision) && !source?.chart && !source?.repoURL?.startsWith('oci://');
  const path = isCommit ? `${pathOf(name)}/revisions/${revision}/metadata` : null;
  const { data } = useGet<RevisionMetadata>(
    path,
    { appNamespace, project, sourceIndex: 0 },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (!data?.message) return null;
  const first = data.message.split('\n', 1)[0] ?? '';
  const author = (data.author ?? '').replace(/\s*<[^>]*>\s*$/, '');
  return (
    <p className={css.detail}>
      “<Text value={first} length={90} lines={1} />”
      {author && (
        <>
          {' '}
          by <Text value={author} length={60} lines={1} />
        </>
      )}
    </p>
  );
}
