/** The filters with how many objects have each value. */

import { Facet } from '@/components/Facet';
import { Health, Sync } from '@/components/Status';
import type { TreeObject } from '../model';
import { CHOICES, type Choice, counted, type Filter, NONE } from '../tree/filter';
import css from './Filter.module.css';

const TITLES: Record<Choice, string> = { kind: 'Kind', health: 'Health', sync: 'Sync', namespace: 'Namespace' };

export interface FacetsProps {
  objects: ReadonlyMap<string, TreeObject>;
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

export function Facets({ objects, filter, onFilter }: FacetsProps) {
  return (
    <aside aria-label="Filters" className={css.facets}>
      {CHOICES.map((choice) => (
        <Facet
          key={choice}
          title={TITLES[choice]}
          values={counted(objects.values(), filter, choice).map((one) => ({ ...one, ...shown(choice, one.value) }))}
          chosen={filter[choice]}
          onChange={(values) => onFilter({ ...filter, [choice]: values.toSorted() })}
        />
      ))}
    </aside>
  );
}

function shown(choice: Choice, value: string) {
  if (value === NONE) return { label: choice === 'namespace' ? 'None: of the cluster' : 'None' };
  if (choice === 'health') return { sign: <Health status={value} /> };
  return choice === 'sync' ? { sign: <Sync status={value} /> } : {};
}
