/** A commit's way as a line: each step with what it took. */

import type { StoryItem } from '@/api/schema';
import { classes } from '@/components/classes';
import { Icon } from '@/components/Icon';
import { exact, exactDuration, millisecondsOf } from '@/text/time';
import { stretches, wayWords } from './stretches';
import css from './Way.module.css';

export function Way({ item }: { item: StoryItem }) {
  const way = stretches(item);
  if (!way.length) return null;
  const isFailed = item.status === 'failed';
  return (
    <div className={css.way} role="img" aria-label={`The way: ${wayWords(way, exactDuration)}`}>
      {way.map((one, index) => {
        const at = millisecondsOf(one.at);
        const isNext = !one.isDone && (index === 0 || way[index - 1]?.isDone);
        const isEnd = isFailed && index === way.length - 1;
        return (
          <div
            key={one.name}
            className={classes(css.stretch, one.isDone ? css.done : css.open, isEnd && css.failed)}
            style={{ flexGrow: one.share }}
            title={at === null ? one.name : `${one.name} ${exact(at)}`}
          >
            <span className={css.bar} />
            <span className={css.name}>
              <Icon
                name={isEnd ? 'cross' : one.isDone ? 'check' : isNext ? 'progress' : 'clock'}
                size={12}
                turns={isNext === true}
              />
              {one.name}
            </span>
            <span className={css.took}>
              {one.isDone && one.milliseconds > 0 ? exactDuration(one.milliseconds) : one.isDone ? '' : '…'}
            </span>
          </div>
        );
      })}
    </div>
  );
}
