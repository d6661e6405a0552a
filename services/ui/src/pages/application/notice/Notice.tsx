/** What the owners of an application want everybody to know who looks at it. */

import { IconButton } from '@/components/Button';
import { classes } from '@/components/classes';
import { Icon } from '@/components/Icon';
import { External } from '@/components/Link';
import { noticeOf } from '@/pages/applications/notice';
import { usePreference } from '@/preferences';
import { Text } from '@/text/Text';
import type { Application } from '../model';
import css from './Notice.module.css';

const NONE: string[] = [];
/** Notices that were closed and are remembered. */
const MOST = 50;
const ICONS = { info: 'info', warning: 'alert', critical: 'alert' } as const;

export function Notice({ application }: { application: Application }) {
  const [closed, setClosed] = usePreference<string[]>('notices.closed', NONE);
  const notice = noticeOf(application.metadata?.annotations);
  if (!notice?.inBanner) return null;
  const mark = `${application.metadata?.uid ?? ''} ${notice.content}`;
  if (!notice.isPermanent && closed.includes(mark)) return null;
  return (
    <aside aria-label="Notice" className={classes(css.notice, css[notice.severity])}>
      <Icon name={ICONS[notice.severity]} />
      <p className={css.text}>
        {notice.severity === 'critical' && <strong>Critical: </strong>}
        <Text value={notice.content} length={500} />
        {notice.url && (
          <>
            {' '}
            <External href={notice.url}>More</External>
          </>
        )}
      </p>
      {!notice.isPermanent && (
        <IconButton icon="close" label="Close the notice" onClick={() => setClosed([mark, ...closed].slice(0, MOST))} />
      )}
    </aside>
  );
}
