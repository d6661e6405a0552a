import { useLocation } from 'wouter';
import type { Settings } from '@/api';
import { Icon, type IconName, Link } from '@/components';
import { displayed, useExtensions } from '@/extensions/registry';
import { nav } from '@/pages';
import { inert } from '@/text/inert';
import css from './Nav.module.css';

export function Nav({ settings }: { settings: Settings }) {
  const [path] = useLocation();
  const added = displayed(useExtensions().pages);
  const shown: { to: string; label: string; icon: IconName }[] = [
    ...nav.filter(({ to }) => to !== '/resources' || settings.resourceViewEnabled),
    ...added.map(({ path: to, title }) => ({ to, label: inert(title), icon: 'extension' as const })),
  ];
  return (
    <nav aria-label="Pages">
      <ul className={css.list}>
        {shown.map(({ to, label, icon }) => {
          const isHere = path === to || path.startsWith(`${to}/`);
          return (
            <li key={to}>
              <Link
                to={to}
                className={css.link}
                title={label}
                aria-current={isHere ? (path === to ? 'page' : 'true') : undefined}
              >
                <Icon name={icon} />
                <span className="nav-label">{label}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
