/** How the pages look in this browser. */
import { Page, RadioGroup, Time } from '@/components';
import { hasPage } from '@/pages';
import { usePreference } from '@/preferences';
import { type Theme, useTheme } from '@/theme/theme';
import css from './AppearancePage.module.css';

export default function AppearancePage() {
  const [theme, setTheme] = useTheme();
  const [times, setTimes] = usePreference<'relative' | 'exact'>('times', 'relative');
  const breadcrumbs = hasPage('/settings') ? [{ label: 'Settings', to: '/settings' }] : [];
  return (
    <Page title="Appearance" breadcrumbs={breadcrumbs}>
      <div className={css.choices}>
        <RadioGroup
          legend="Theme"
          joined
          value={theme}
          onChange={(value) => setTheme(value as Theme)}
          options={[
            { value: 'system', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
        <RadioGroup
          legend="Times"
          joined
          value={times}
          onChange={(value) => setTimes(value === 'exact' ? 'exact' : 'relative')}
          options={[
            { value: 'relative', label: 'How long ago' },
            { value: 'exact', label: 'Exact' },
          ]}
        />
        <p className={css.muted}>
          This page was opened <Time at={performance.timeOrigin} />. What is chosen here is kept in this browser.
        </p>
      </div>
    </Page>
  );
}
