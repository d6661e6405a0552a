/** What saving a set would make, change and take away. */
import type { PreviewSetAnswer } from '@/api/schema';
import { Text } from '@/components';
import { Notice } from '../application/sync/Notice';
import styles from '../settings/Card.module.css';

/** Names told one by one; of more only how many. */
const TOLD = 30;

export function Preview({ preview }: { readonly preview: PreviewSetAnswer }) {
  const { creates = [], updates = [], deletes = [], problems = {}, words = [], total } = preview;
  const wrong = Object.entries(problems);
  return (
    <section className={styles.card} aria-label="What it would do">
      <h2>It would come to {total === 1 ? 'one Application' : `${total} Applications`}</h2>
      <dl className={styles.facts}>
        <Names title="Made" names={creates} />
        <Names title="Changed" names={updates} />
        <Names title="Taken away" names={deletes} />
        {wrong.length > 0 && (
          <div className={styles.fact}>
            <dt>Left alone</dt>
            <dd>
              <ul>
                {wrong.slice(0, TOLD).map(([name, why]) => (
                  <li key={name}>
                    <Text value={name} />: <Text value={why} lines={3} />
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
      </dl>
      {creates.length + updates.length + deletes.length + wrong.length === 0 && <p>All are there as it wants them.</p>}
      {words.map((text) => (
        <Notice key={text} tone="warn" title={text} />
      ))}
    </section>
  );
}

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  const more = names.length - TOLD;
  return (
    <div className={styles.fact}>
      <dt>{title}</dt>
      <dd>
        <Text value={names.slice(0, TOLD).join(', ') + (more > 0 ? `, and ${more} more` : '')} lines={6} />
      </dd>
    </div>
  );
}
