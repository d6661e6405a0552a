import { Icon } from '@/components';
import styles from './Chips.module.css';
import { OneLine } from './OneLine';
import type { Facets } from './row';
import { FILTERS, type Filter, isNarrowed, type View } from './view';
import { FILTER_WORDS, valueWords } from './words';

interface Props {
  view: View;
  facets: Facets;
  onRemove: (filter: Filter, value: string) => void;
  onClear: () => void;
}

/** What narrows the view, each to be taken away. */
export function Chips({ view, facets, onRemove, onClear }: Props) {
  if (!isNarrowed(view)) return null;
  const chosen = FILTERS.flatMap((filter) => (view.filters[filter] ?? []).map((value) => ({ filter, value })));
  return (
    <ul className={styles.chips} aria-label="Filters in use">
      {chosen.map(({ filter, value }) => {
        const name = facets[filter]?.values.find((one) => one.value === value)?.name;
        return (
          <li key={`${filter}=${value}`}>
            <button type="button" className={styles.chip} onClick={() => onRemove(filter, value)}>
              <span className={styles.filter}>{FILTER_WORDS[filter]}</span>
              <OneLine value={valueWords(filter, value, name)} />
              <Icon name="close" size={12} />
              <span className={styles.hidden}>: take away</span>
            </button>
          </li>
        );
      })}
      <li>
        <button type="button" className={styles.clear} onClick={onClear}>
          Clear all
        </button>
      </li>
    </ul>
  );
}
