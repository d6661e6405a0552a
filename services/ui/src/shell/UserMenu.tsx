/** Who one is, how the page looks, and the way out. */
import { addressOf, session } from '@/api';
import { Menu, type MenuItem } from '@/components';
import { hasPage } from '@/pages';
import { useGo } from '@/routing';
import { inert } from '@/text/inert';
import { type Theme, useTheme } from '@/theme/theme';
import { useUser } from './settings';

const THEMES: readonly { theme: Theme; label: string }[] = [
  { theme: 'system', label: 'As the system' },
  { theme: 'light', label: 'Light' },
  { theme: 'dark', label: 'Dark' },
];

export function UserMenu() {
  const user = useUser();
  const go = useGo();
  const [theme, setTheme] = useTheme();
  const name = user?.username ? inert(user.username) : '';
  const items: MenuItem[] = [];
  if (hasPage('/user-info')) items.push({ label: 'About you', icon: 'user', onSelect: () => go('/user-info') });
  items.push({ label: 'Appearance', icon: 'sun', onSelect: () => go('/settings/appearance') });
  for (const [index, { theme: one, label }] of THEMES.entries()) {
    items.push({ label, checked: theme === one, apart: index === 0, onSelect: () => setTheme(one) });
  }
  if (user?.loggedIn) items.push({ label: 'Log out', icon: 'back', apart: true, onSelect: leave });
  else items.push({ label: 'Log in', icon: 'user', apart: true, onSelect: () => go('/login') });
  return (
    <Menu
      label={name ? `${name}: you and the page's look` : 'You and the page’s look'}
      icon="user"
      compact
      items={items}
    />
  );
}

function leave(): void {
  session.left();
  window.location.assign(addressOf('/auth/logout'));
}
