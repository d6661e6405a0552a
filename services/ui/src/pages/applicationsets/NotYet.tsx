/** What must not be mistaken: the sets are kept and shown, nothing is made of them yet. */
import styles from './NotYet.module.css';

export function NotYet() {
  return (
    <p role="note" className={styles.note}>
      Fairlead does not generate Applications of ApplicationSets yet. They are kept and shown, and Applications that
      another controller made of them are followed as any other.
    </p>
  );
}
