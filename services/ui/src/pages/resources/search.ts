/** What is asked of the search over objects, as it stands in the URL, and what it answers. */

export const LIMIT = 50;

export const FACETS = [
  { field: 'kind', title: 'Kind' },
  { field: 'health', title: 'Health' },
  { field: 'sync', title: 'Sync' },
  { field: 'project', title: 'Project' },
  { field: 'cluster', title: 'Cluster' },
  { field: 'namespace', title: 'Namespace' },
  { field: 'application', title: 'Application' },
] as const;

export interface Item {
  readonly key: string;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sync?: string;
  readonly health?: string;
  readonly application: string;
  readonly appNamespace?: string;
  readonly project?: string;
  readonly cluster?: { readonly server?: string; readonly name?: string };
}

interface Counted {
  readonly values?: readonly { readonly value: string; readonly count: number; readonly name?: string }[];
  readonly more?: boolean;
}

export interface Found {
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
  readonly items: readonly Item[];
  readonly facets?: Readonly<Record<string, Counted>>;
  /** There are applications whose objects are not among them, since there are too many. */
  readonly more?: boolean;
}

export interface ResourcesQuery {
  readonly [field: string]: string | number | readonly string[] | undefined;
  readonly offset?: number;
}

/** The query of the API for the fields of the page's URL. */
export function queryOf(fields: URLSearchParams): ResourcesQuery {
  const chosen = FACETS.map(({ field }) => [field, fields.getAll(field)] as const).filter(
    ([, values]) => values.length > 0,
  );
  const offset = Number(fields.get('offset') ?? 0);
  const search = fields.get('search') ?? '';
  return {
    ...Object.fromEntries(chosen),
    ...(search ? { search } : {}),
    sort: fields.get('sort') ?? 'name',
    limit: LIMIT,
    ...(Number.isInteger(offset) && offset > 0 ? { offset } : {}),
  };
}

/** `51 to 100 of 4,312 objects`. */
export function rangeOf({ total, offset, items }: Found): string {
  if (total === 0) return 'No objects';
  const number = (value: number) => value.toLocaleString('en');
  if (items.length === total) return total === 1 ? '1 object' : `${number(total)} objects`;
  return `${number(offset + 1)} to ${number(offset + items.length)} of ${number(total)} objects`;
}
