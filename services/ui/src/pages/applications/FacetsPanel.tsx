import { memo, type ReactNode } from 'react';
import { Facet, Health, Phase, Sync } from '@/components';
import styles from './FacetsPanel.module.css';
import type { FacetCounts, Facets, FacetValue } from './row';
import { FILTERS, type Filter, type View } from './view';
import { FILTER_WORDS, valueWords } from './words';

/** Orders of what has a worst: it comes first, and stays where it is whatever the counts are. */
const ORDER: Partial<Record<Filter, readonly string[]>> = {
  health: ['Degraded', 'Missing', 'Unknown', 'Progressing', 'Suspended', 'Healthy'],
  sync: ['OutOfSync', 'Unknown', 'Synced'],
  operation: ['Error', 'Failed', 'Running', 'Terminating', 'Succeeded'],
  autoSync: ['true', 'false'],
};
const NONE: readonly string[] = [];

interface Props {
  view: View;
  facets: Facets;
  onChange: (filter: Filter, values: readonly string[]) => void;
}

/** The filters, each value with how many applications it would leave, as the server counted them. */
export const FacetsPanel = memo(function FacetsPanel({ view, facets, onChange }: Props) {
  return (
    <div className={styles.facets}>
      {FILTERS.map((filter) => {
        const values = offered(filter, facets[filter]);
        const chosen = (view.filters[filter] ?? NONE).map((value) => asCounted(values, value));
        if (!values.length && !chosen.length) return null;
        return (
          <Facet
            key={filter}
            title={FILTER_WORDS[filter]}
            values={values.map((one) => ({
              value: one.value,
              label: valueWords(filter, one.value, one.name),
              count: one.count,
              sign: signOf(filter, one.value),
            }))}
            chosen={chosen}
            onChange={(next) => onChange(filter, next)}
            more={facets[filter]?.more ?? false}
          />
        );
      })}
    </div>
  );
});

/** What can be chosen of a facet, in its order. */
export function offered(filter: Filter, counts: FacetCounts | undefined): FacetValue[] {
  const values = (counts?.values ?? []).filter(({ value }) => value !== '');
  const order = ORDER[filter];
  if (!order) return values;
  const rank = ({ value }: FacetValue) => (order.includes(value) ? order.indexOf(value) : order.length);
  return values.sort((left, right) => rank(left) - rank(right));
}

/** A chosen value as the server counts it: links may say a cluster by its name. */
export function asCounted(values: readonly FacetValue[], chosen: string): string {
  return values.find(({ value, name }) => value === chosen || name === chosen)?.value ?? chosen;
}

/** The sign and word of a state; others are told by their label. */
export function signOf(filter: Filter, value: string): ReactNode {
  if (filter === 'health') return <Health status={value} />;
  if (filter === 'sync') return <Sync status={value} />;
  if (filter === 'operation') return <Phase phase={value} />;
  return undefined;
}
