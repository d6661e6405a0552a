import { useCanAnywhere } from '@/api/can';
import { Button, Link } from '@/components';
import { hasPage } from '@/pages';
import styles from './ApplicationsPage.module.css';

/** The way to a new application, where this build has the page for it. */
export function NewApplication({ children = 'New application' }: { children?: string }) {
  const { refusal } = useCanAnywhere('applications', 'create');
  if (!hasPage('/applications/new')) return null;
  if (refusal) return <Button refused={refusal}>{children}</Button>;
  return (
    <Link to="/applications?new=" className={styles.create}>
      {children}
    </Link>
  );
}
