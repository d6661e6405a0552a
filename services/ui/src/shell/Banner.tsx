/** The words that an administrator wants on every page. */
import type { Settings } from '@/api';
import { External, IconButton, Inert, Text } from '@/components';
import { usePreference } from '@/preferences';
import { cut } from '@/text/cut';
import css from './Banner.module.css';

/** Characters of a notice that is a link as a whole. */
const LINKED = 500;

export function Banner({ settings, at }: { settings: Settings; at: 'top' | 'bottom' }) {
  const content = settings.uiBannerContent ?? '';
  const [closed, setClosed] = usePreference('banner.closed', '');
  const position = settings.uiBannerPosition || 'top';
  if (!content || (position !== at && position !== 'both')) return null;
  if (closed === content && !settings.uiBannerPermanent) return null;
  return (
    <section className={css.banner} aria-label={at === 'top' ? 'Notice' : 'Notice below'} data-at={at}>
      <span className={css.words}>
        {settings.uiBannerURL ? (
          <External href={settings.uiBannerURL}>
            <Inert text={cut(content, LINKED)} />
          </External>
        ) : (
          <Text value={content} lines={3} />
        )}
      </span>
      {!settings.uiBannerPermanent && (
        <IconButton icon="close" label="Close the notice" onClick={() => setClosed(content)} />
      )}
    </section>
  );
}
