/** The latest commit on its way, always in sight: who wrote what, how far it is, how long each step took. */

import type { ApplicationStory } from '@/api/schema';
import { Button } from '@/components/Button';
import { Revision } from '@/components/Revision';
import { Duration, Time } from '@/components/Time';
import { Text } from '@/text/Text';
import { actorOf, titleOf } from './item';
import css from './Story.module.css';
import { Way } from './Way';

export function Latest({ story, onStory }: { story: ApplicationStory | undefined; onStory: () => void }) {
  const commit = story?.items.find((one) => one.kind === 'commit');
  if (!commit) return null;
  const actor = actorOf(commit);
  return (
    <section aria-label="The latest commit" className={css.latest}>
      <p className={css.title}>
        <Revision sha={commit.revisions?.[0]} plain />
        <span className={css.words}>
          <Text value={titleOf(commit)} length={120} lines={1} />
          {actor && (
            <span className={css.muted}>
              {' '}
              by <Text value={actor} length={60} lines={1} />
            </span>
          )}
        </span>
        <span className={css.muted}>
          <Time at={commit.at} />
          {commit.status !== 'running' && Number(commit.milliseconds ?? 0) > 0 && (
            <>
              {', in '}
              <Duration milliseconds={Number(commit.milliseconds)} />
            </>
          )}
        </span>
        <Button small kind="quiet" icon="history" onClick={onStory}>
          Story
        </Button>
      </p>
      <Way item={commit} />
    </section>
  );
}
