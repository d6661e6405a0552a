import { Link } from '@/components';
import { hasPage } from '@/pages';
import styles from './ApplicationsPage.module.css';

/** The way to a new application, where this build has the page for it. */
export function NewApplication({ children = 'New application' }: { children?: string }) {
  if (!hasPage('/applications/new')) return null;
  return (
    <Link to="/applications?new=" className={styles.create}>
      {children}
    </Link>
  );
}
