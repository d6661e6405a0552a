import { useLocation } from 'wouter';
import type { Settings } from '@/api';
import { Icon, Link } from '@/components';
import { nav } from '@/pages';
import css from './Nav.module.css';

export function Nav({ settings }: { settings: Settings }) {
  const [path] = useLocation();
  const shown = nav.filter(({ to }) => to !== '/resources' || settings.resourceViewEnabled);
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
