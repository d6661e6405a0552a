/** Light, dark, or as the system says. */
import { useEffect } from 'react';
import { preference, usePreference } from '@/preferences';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'theme';

function apply(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'light' || theme === 'dark') root.dataset['theme'] = theme;
  else delete root.dataset['theme'];
}

/** Before anything is drawn. */
export function startTheme(): void {
  apply(preference<Theme>(KEY, 'system'));
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = usePreference<Theme>(KEY, 'system');
  useEffect(() => apply(theme), [theme]);
  return [theme, setTheme];
}
