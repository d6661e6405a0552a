/** The way to everything that is set up once. */
import { useGet } from '@/api/query';
import { Icon, type IconName, Link, Page } from '@/components';
import styles from './SettingsPage.module.css';

interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: IconName;
  readonly words: string;
}

const PLACES: readonly Place[] = [
  {
    to: '/settings/repos',
    label: 'Repositories',
    icon: 'repository',
    words: 'Where applications come from, and who we are there',
  },
  {
    to: '/settings/certs',
    label: 'Certificates and known hosts',
    icon: 'lock',
    words: 'Whose word is believed about a server',
  },
  { to: '/settings/gpgkeys', label: 'GnuPG keys', icon: 'key', words: 'Whose signatures on commits count' },
  { to: '/settings/clusters', label: 'Clusters', icon: 'pods', words: 'Where applications go to' },
  { to: '/settings/projects', label: 'Projects', icon: 'sets', words: 'What belongs together, and what it may do' },
  { to: '/settings/accounts', label: 'Accounts', icon: 'user', words: 'Local accounts, their passwords and tokens' },
  { to: '/settings/appearance', label: 'Appearance', icon: 'sun', words: 'Light, dark or as the system says' },
];

export function SettingsPage() {
  const { data } = useGet<Record<string, string>>('/api/version');
  return (
    <Page title="Settings">
      <ul className={styles.places}>
        {PLACES.map(({ to, label, icon, words }) => (
          <li key={to}>
            <Link to={to} className={styles.place}>
              <Icon name={icon} size={20} />
              <span>
                <strong>{label}</strong>
                <span className={styles.words}>{words}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {data?.['Version'] && <p className={styles.version}>Fairlead {data['Version']}</p>}
    </Page>
  );
}
