/** Whether what is on the page is what is true now. */
import { type LiveState, useLiveState } from '@/api';
import { byServer } from '@/api/clock';
import { useStaleSince } from '@/api/stale';
import { Icon, type IconName, Time, Tooltip } from '@/components';
import { exact } from '@/text/time';
import css from './LiveMark.module.css';

interface Words {
  word: string;
  icon: IconName;
  tone: 'ok' | 'busy' | 'warn' | 'bad' | 'neutral';
  more: string;
}

export function LiveMark() {
  const live = worst(useLiveState(), useStaleSince());
  if (live.state === 'none') return null;
  const { word, icon, tone, more } = wordsOf(live);
  return (
    <Tooltip text={more}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its words are in the tooltip, which keys reach as well. */}
      <span className={css.mark} data-tone={tone} data-live={live.state} tabIndex={0} role="status">
        <Icon name={icon} size={14} turns={icon === 'progress'} />
        <span>
          {word}
          {live.state === 'stale' && (
            <>
              {' '}
              <Time at={byServer(live.since)} />
            </>
          )}
        </span>
      </span>
    </Tooltip>
  );
}

/** A stream that is live says nothing of what a page asks for again and again. */
function worst(live: LiveState, staleSince: number): LiveState {
  const says = live.state === 'none' || live.state === 'live';
  return says && staleSince > 0 ? { state: 'stale', since: staleSince, error: null } : live;
}

function wordsOf({ state, since, error }: LiveState): Words {
  const until = since ? ` What is shown was true at ${exact(since)}.` : '';
  const why = error ? ` ${error.message}` : '';
  switch (state) {
    case 'live':
      return { word: 'Live', icon: 'check', tone: 'ok', more: 'Changes are shown as they happen.' };
    case 'connecting':
      return { word: 'Connecting', icon: 'progress', tone: 'busy', more: 'The stream of changes is being opened.' };
    case 'reconnecting':
      return { word: 'Reconnecting', icon: 'progress', tone: 'warn', more: `The stream was cut.${why}${until}` };
    case 'paused':
      return { word: 'Paused', icon: 'pause', tone: 'neutral', more: `The tab was hidden.${until}` };
    case 'refused':
      return { word: 'Refused', icon: 'lock', tone: 'bad', more: `The server refuses the stream:${why}${until}` };
    default:
      return {
        word: 'Stale, last true',
        icon: 'alert',
        tone: 'bad',
        more: `The server cannot be reached.${why}${until}`,
      };
  }
}
