/** The words that an administrator wants on every page. */
import type { Settings } from '@/api';
import { External, IconButton, Text } from '@/components';
import { usePreference } from '@/preferences';
import css from './Banner.module.css';

export function Banner({ settings, at }: { settings: Settings; at: 'top' | 'bottom' }) {
  const content = settings.uiBannerContent ?? '';
  const [closed, setClosed] = usePreference('banner.closed', '');
  const position = settings.uiBannerPosition || 'top';
  if (!content || (position !== at && position !== 'both')) return null;
  if (closed === content && !settings.uiBannerPermanent) return null;
  const words = <Text value={content} lines={3} />;
  return (
    <section className={css.banner} aria-label={at === 'top' ? 'Notice' : 'Notice below'} data-at={at}>
      <span className={css.words}>
        {settings.uiBannerURL ? <External href={settings.uiBannerURL}>{words}</External> : words}
      </span>
      {!settings.uiBannerPermanent && (
        <IconButton icon="close" label="Close the notice" onClick={() => setClosed(content)} />
      )}
    </section>
  );
}
