/** What narrows the objects on the page: a name as it is typed, and how many narrow otherwise. */

import { useEffect, useRef, useState } from 'react';
import { Button } from '@/components/Button';
import { RadioGroup, TextInput } from '@/components/Input';
import { useKeys } from '@/components/keys';
import { inert } from '@/text/inert';
import { counted } from '@/text/quantity';
import { VIEWS, type ViewName } from '../address';
import { CHOICES, type Filter, isNarrow, NO_FILTER } from '../tree/filter';
import css from './Filter.module.css';

const LABELS: Record<ViewName, string> = { tree: 'Tree', pods: 'Pods', network: 'Network', list: 'List' };

export interface FilterBarProps {
  /** One of ours, or the title of an extension's. */
  view: string;
  /** The titles of the extensions' views. */
  added?: readonly string[];
  onView: (view: string) => void;
  filter: Filter;
  onFilter: (filter: Filter, isTyping?: boolean) => void;
  areFacetsOpen: boolean;
  onFacets: () => void;
  matching: number;
  total: number;
  troubled: number;
}

/** Milliseconds after the last letter until the name is taken. */
const SETTLED = 80;

export function FilterBar({
  view,
  added = [],
  onView,
  filter,
  onFilter,
  areFacetsOpen,
  onFacets,
  matching,
  total,
  troubled,
}: FilterBarProps) {
  const [typed, setTyped] = useState(filter.name);
  const field = useRef<HTMLInputElement>(null);
  const latest = useRef({ filter, onFilter });
  useEffect(() => {
    latest.current = { filter, onFilter };
  });
  useEffect(() => setTyped(filter.name), [filter.name]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const now = latest.current;
      if (typed.trim() !== now.filter.name.trim()) now.onFilter({ ...now.filter, name: typed }, true);
    }, SETTLED);
    return () => clearTimeout(timer);
  }, [typed]);
  useKeys(
    {
      '/': { label: 'Find an object by name', run: () => field.current?.focus() },
      f: { label: 'Filters', run: onFacets },
      ...Object.fromEntries(
        VIEWS.map((name, index) => [
          String(index + 1),
          { label: `Show as ${LABELS[name].toLowerCase()}`, run: () => onView(name) },
        ]),
      ),
    },
    'Application',
  );
  const chosen = CHOICES.reduce((sum, choice) => sum + filter[choice].length, 0);
  return (
    <div className={css.bar}>
      <RadioGroup
        legend="View"
        hideLegend
        joined
        value={view}
        options={[
          ...VIEWS.map((name) => ({ value: name as string, label: LABELS[name] })),
          ...added.map((title) => ({ value: title, label: inert(title) })),
        ]}
        onChange={onView}
      />
      <div className={css.search}>
        <TextInput
          ref={field}
          type="search"
          aria-label="Find an object by name"
          placeholder="Find by name"
          value={typed}
          onChange={setTyped}
        />
      </div>
      <Button icon="filter" aria-expanded={areFacetsOpen} onClick={onFacets}>
        {chosen ? `Filters (${chosen})` : 'Filters'}
      </Button>
      <p className={css.count} role="status">
        {isNarrow(filter) ? `${matching} of ${counted(total, 'object')}` : counted(total, 'object')}
        {troubled > 0 && `, ${troubled} need${troubled === 1 ? 's' : ''} a look`}
      </p>
      {isNarrow(filter) && (
        <Button small kind="quiet" icon="close" onClick={() => onFilter(NO_FILTER)}>
          Show all
        </Button>
      )}
    </div>
  );
}
