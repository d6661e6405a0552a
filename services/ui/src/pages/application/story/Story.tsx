/** The story of the application: the way of each commit, and what happened between, with who did it. */

import type { ChangedObject, StoryItem } from '@/api/schema';
import { Icon, type IconName } from '@/components/Icon';
import { Link } from '@/components/Link';
import { Panel } from '@/components/Panel';
import { Revision } from '@/components/Revision';
import { Empty, Failed, Loading } from '@/components/States';
import { Badge } from '@/components/Status';
import { Duration, Time } from '@/components/Time';
import type { Tone } from '@/text/status';
import { Text } from '@/text/Text';
import { actorOf, type Changes, changesOf, endOf, messageOf, titleOf } from './item';
import css from './Story.module.css';
import type { useStory } from './use_story';
import { Way } from './Way';

const ICONS: Record<string, IconName> = {
  commit: 'commit',
  operation: 'sync',
  drift: 'differs',
  deployment: 'history',
  health: 'heart',
  'render-failed': 'alert',
  'prune-held': 'pause',
  deleted: 'trash',
};
const TONES: Record<string, Tone> = { running: 'busy', done: 'ok', failed: 'bad' };
/** Objects of one item that are named. */
const NAMED = 6;

export interface StoryProps {
  story: ReturnType<typeof useStory>;
  addressOf: (key: string) => string;
  onClose: () => void;
}

export function Story({ story, addressOf, onClose }: StoryProps) {
  const { data, error, isPending, refetch } = story;
  return (
    <Panel title="Story" name="story" onClose={onClose}>
      {isPending && <Loading />}
      {error && !data && <Failed error={error} what="The story" retry={() => void refetch()} />}
      {data?.problem && <Text value={data.problem} />}
      {data && data.items.length === 0 && (
        <Empty title="Nothing happened yet">The next commit is told here as it goes its way.</Empty>
      )}
      <ol className={css.list}>
        {data?.items.map((item) => (
          <Item key={item.id} item={item} addressOf={addressOf} />
        ))}
      </ol>
      {data?.since && data.items.length > 0 && (
        <p className={css.muted}>
          Events are known since <Time at={data.since} />.
        </p>
      )}
    </Panel>
  );
}

function Item({ item, addressOf }: { item: StoryItem; addressOf: (key: string) => string }) {
  const actor = actorOf(item);
  const message = messageOf(item);
  const changes = changesOf(item);
  const end = endOf(item);
  return (
    <li className={css.item}>
      <span className={css.sign}>
        <Icon name={ICONS[item.kind] ?? 'events'} />
      </span>
      <div className={css.body}>
        <p className={css.title}>
          {item.kind === 'commit' && <Revision sha={item.revisions?.[0]} plain />}
          <strong className={css.words}>
            <Text value={titleOf(item)} length={160} lines={1} />
          </strong>
          {end ? (
            <Badge tone={item.status === 'running' ? 'warn' : 'ok'}>{end}</Badge>
          ) : (
            <Status status={item.status ?? 'done'} />
          )}
        </p>
        <p className={css.muted}>
          <Time at={item.at} />
          {actor && (
            <>
              {' · '}
              <Text value={actor} length={80} lines={1} />
            </>
          )}
          {item.cause && item.kind === 'commit' && ` · found by ${item.cause}`}
          {Number(item.milliseconds ?? 0) > 0 && (
            <>
              {' · '}
              <Duration milliseconds={Number(item.milliseconds)} />
            </>
          )}
        </p>
        {message && <Text value={message} lines={4} length={600} />}
        <Way item={item} />
        {changes.slice(0, NAMED).map((one) => (
          <Changed key={one.key} object={one} address={addressOf(one.key)} />
        ))}
        {changes.length > NAMED && <p className={css.muted}>{`and ${changes.length - NAMED} more`}</p>}
      </div>
    </li>
  );
}

function Status({ status }: { status: string }) {
  return status === 'done' ? null : <Badge tone={TONES[status] ?? 'neutral'}>{status}</Badge>;
}

function Changed({ object, address }: { object: Changes; address: string }) {
  return (
    <div className={css.object}>
      <Link to={address}>
        {object.kind} <bdi>{object.name}</bdi>
      </Link>
      {object.fields.map((field) => (
        <Field key={`${field.field} ${field.at} ${field.new}`} field={field} />
      ))}
    </div>
  );
}

function Field({ field }: { field: ChangedObject }) {
  return (
    <p className={css.field}>
      <code>
        <Text value={field.field || 'the object'} length={200} lines={1} />
      </code>{' '}
      <del>
        <Text value={field.old || 'nothing'} length={120} lines={1} />
      </del>
      {' → '}
      <ins>
        <Text value={field.new || 'nothing'} length={120} lines={1} />
      </ins>
      {field.manager && (
        <span className={css.muted}>
          {' by '}
          <Text value={field.manager} length={60} lines={1} />
        </span>
      )}
    </p>
  );
}
