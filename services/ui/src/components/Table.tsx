/** A plain table for what fits on a page. For thousands of rows take `VirtualTable`. */
import type { ReactNode } from 'react';
import { classes } from './classes';
import { Icon } from './Icon';
import css from './Table.module.css';

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  align?: 'start' | 'end';
  /** The field it is sorted by; absent where it cannot be. */
  sort?: string;
  /** Its title is for readers only. */
  hideTitle?: boolean;
}

export interface Sorting {
  /** The field sorted by, with a leading `-` from its end: `-created`. */
  sort?: string;
  onSort?: (sort: string) => void;
}

export interface TableProps<T> extends Sorting {
  /** What it lists, for readers. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Shown instead of no rows. */
  empty?: ReactNode;
}

export function Table<T>({ label, columns, rows, keyOf, sort, onSort, empty }: TableProps<T>) {
  if (rows.length === 0 && empty !== undefined) return empty;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys.
    <section className={css.scroller} tabIndex={0} aria-label={label}>
      <table className={css.table}>
        <caption className={css.hidden}>{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.align === 'end' ? css.end : undefined}
                aria-sort={sortedAs(column.sort, sort)}
              >
                <SortTitle column={column} sort={sort} onSort={onSort} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td
                  key={column.key}
                  data-title={column.hideTitle ? undefined : column.title}
                  className={column.align === 'end' ? css.end : undefined}
                >
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** How a column is sorted, for `aria-sort`. */
export function sortedAs(field: string | undefined, sort: string | undefined): 'ascending' | 'descending' | undefined {
  if (field === undefined || sort === undefined) return undefined;
  if (sort === field) return 'ascending';
  return sort === `-${field}` ? 'descending' : undefined;
}

export interface SortTitleProps {
  column: { title: string; sort?: string; hideTitle?: boolean };
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}

/** The title of a column: a button where it can be sorted. */
export function SortTitle({ column, sort, onSort }: SortTitleProps) {
  const { title, sort: field, hideTitle } = column;
  if (field === undefined || onSort === undefined)
    return <span className={hideTitle ? css.hidden : undefined}>{title}</span>;
  const direction = sortedAs(field, sort);
  return (
    <button type="button" className={css.sort} onClick={() => onSort(direction === 'ascending' ? `-${field}` : field)}>
      {title}
      <span className={classes(css.sign, direction && css.set)}>
        <Icon name={direction === 'descending' ? 'up' : 'down'} size={12} />
      </span>
    </button>
  );
}
