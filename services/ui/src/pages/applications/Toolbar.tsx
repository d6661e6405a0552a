import type { KeyboardEvent, Ref } from 'react';
import { Button, Icon, IconButton, RadioGroup, Select } from '@/components';
import { SavedViewsMenu } from './SavedViewsMenu';
import styles from './Toolbar.module.css';
import { LAYOUTS, type Layout, SORTS, type Sort, type View } from './view';
import { LAYOUT_WORDS, SORT_WORDS } from './words';

interface Props {
  view: View;
  query: string;
  search: Ref<HTMLInputElement>;
  onType: (search: string) => void;
  onView: (view: View) => void;
  onShow: (query: string) => void;
  onLeaveSearch: () => void;
  onFilters: () => void;
  isFiltersOpen: boolean;
  favourites: number;
}

/** Search, order, layout and saved views. */
export function Toolbar(props: Props) {
  const { view, onView, onType } = props;
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Escape' && view.search) {
      event.stopPropagation();
      onType('');
    } else if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      event.stopPropagation();
      props.onLeaveSearch();
    }
  };
  return (
    <div className={styles.toolbar} role="search" aria-label="Applications">
      <div className={styles.search}>
        <Icon name="search" />
        <input
          ref={props.search}
          type="search"
          value={view.search}
          placeholder="Search name, repository, image…"
          title="Name, repository, path, image, revision, author"
          aria-label="Search applications"
          aria-keyshortcuts="/"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onType(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <kbd className={styles.hint}>/</kbd>
      </div>
      <Button
        icon="filter"
        aria-expanded={props.isFiltersOpen}
        aria-controls="applications-filters"
        onClick={props.onFilters}
      >
        Filters
      </Button>
      <Button
        icon="star"
        aria-pressed={view.favourites}
        onClick={() => onView({ ...view, favourites: !view.favourites })}
      >
        {`Favourites ${props.favourites || ''}`.trim()}
      </Button>
      <div className={styles.sort}>
        <Select
          aria-label="Sort by"
          value={view.sort}
          options={SORTS.map((value) => ({ value, label: SORT_WORDS[value] }))}
          onChange={(sort) => onView({ ...view, sort: sort as Sort, descending: false })}
        />
        <IconButton
          icon={view.descending ? 'down' : 'up'}
          label={view.descending ? 'From the end; turn round' : 'From the beginning; turn round'}
          onClick={() => onView({ ...view, descending: !view.descending })}
        />
      </div>
      <RadioGroup
        legend="Layout"
        hideLegend
        joined
        value={view.layout}
        options={LAYOUTS.map((value) => ({ value, label: LAYOUT_WORDS[value] }))}
        onChange={(layout) => onView({ ...view, layout: layout as Layout })}
      />
      <SavedViewsMenu query={props.query} onShow={props.onShow} />
    </div>
  );
}
