import { Health, Link, Text } from '@/components';
import { count } from '@/text/quantity';
import { offered, signOf } from './FacetsPanel';
import { OneLine } from './OneLine';
import { type ApplicationRow, addressOf, type Facets } from './row';
import styles from './Summary.module.css';
import { troubleOf } from './trouble';
import type { Filter } from './view';
import { applications, FILTER_WORDS, valueWords } from './words';

/** Values of a facet that the summary shows. */
const SHOWN = 10;
const FIRST: readonly Filter[] = ['health', 'sync', 'operation', 'autoSync'];
const MORE: readonly Filter[] = ['project', 'cluster', 'namespace', 'repo', 'label'];

interface Props {
  total: number;
  facets: Facets;
  /** The first of the list, which a summary sorts by health. */
  worst: readonly ApplicationRow[];
  onToggle: (filter: Filter, value: string) => void;
}

/** How many there are of what, and what is wrong. */
export function Summary({ total, facets, worst, onToggle }: Props) {
  const wrong = worst.filter((row) => row.health !== 'Healthy' || troubleOf(row)?.tone === 'bad');
  return (
    <section className={styles.summary} aria-label="Summary">
      <p className={styles.total}>{applications(total)}</p>
      <div className={styles.charts}>
        {FIRST.map((filter) => (
          <Chart key={filter} filter={filter} facets={facets} total={total} onToggle={onToggle} />
        ))}
      </div>
      <div className={styles.worst}>
        <h2>Not healthy</h2>
        {wrong.length === 0 && <p>Nothing.</p>}
        <ul>
          {wrong.map((row) => (
            <li key={row.key}>
              <Health status={row.health ?? ''} />
              <Link to={addressOf(row)}>
                <Text value={row.name} />
              </Link>
              <span className={styles.why}>
                <OneLine value={troubleOf(row)?.words ?? ''} />
              </span>
            </li>
          ))}
        </ul>
      </div>
      <div className={styles.charts}>
        {MORE.map((filter) => (
          <Chart key={filter} filter={filter} facets={facets} total={total} onToggle={onToggle} />
        ))}
      </div>
    </section>
  );
}

interface ChartProps {
  filter: Filter;
  facets: Facets;
  total: number;
  onToggle: Props['onToggle'];
}

function Chart({ filter, facets, total, onToggle }: ChartProps) {
  const values = offered(filter, facets[filter]).slice(0, SHOWN);
  if (!values.length) return null;
  const most = Math.max(total, ...values.map((one) => one.count), 1);
  return (
    <div className={styles.chart}>
      <h2>{FILTER_WORDS[filter]}</h2>
      <ul>
        {values.map((one) => (
          <li key={one.value}>
            <button type="button" className={styles.value} onClick={() => onToggle(filter, one.value)}>
              <span className={styles.words}>
                {signOf(filter, one.value) ?? <OneLine value={valueWords(filter, one.value, one.name)} />}
              </span>
              <span className={styles.count}>{count(one.count)}</span>
              <span className={styles.bar} data-value={one.value} style={{ width: `${(one.count / most) * 100}%` }} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
