/**
 * What the page looks at, as its address says it: the parameters are Argo CD's own where it has them, so that
 * links that exist go on working. Values of one parameter are parted by commas, commas in them are encoded.
 */
export const FILTERS = [
  'health',
  'sync',
  'project',
  'cluster',
  'namespace',
  'label',
  'autoSync',
  'operation',
  'repo',
] as const;
export type Filter = (typeof FILTERS)[number];

export const LAYOUTS = ['tiles', 'table', 'summary'] as const;
export type Layout = (typeof LAYOUTS)[number];

export const SORTS = ['name', 'health', 'sync', 'project', 'cluster', 'namespace', 'created', 'finished'] as const;
export type Sort = (typeof SORTS)[number];

export interface View {
  search: string;
  filters: Partial<Record<Filter, readonly string[]>>;
  favourites: boolean;
  sort: Sort;
  descending: boolean;
  layout: Layout;
}

const PARAMETER: Record<Filter, string> = {
  health: 'health',
  sync: 'sync',
  project: 'proj',
  cluster: 'cluster',
  namespace: 'namespace',
  label: 'labels',
  autoSync: 'autoSync',
  operation: 'operation',
  repo: 'repo',
};
const FAVOURITES = 'showFavorites';
const OWN = new Set<string>([...Object.values(PARAMETER), 'search', FAVOURITES, 'favourites', 'sort', 'view', 'page']);

/** Words of Argo CD's own links for values that the API knows by other names. */
const SPOKEN: Partial<Record<Filter, Record<string, string>>> = {
  autoSync: { Enabled: 'true', Disabled: 'false' },
  operation: {
    Syncing: 'Running',
    'Sync OK': 'Succeeded',
    'Sync error': 'Error',
    'Sync failed': 'Failed',
  },
};
const WRITTEN: Partial<Record<Filter, Record<string, string>>> = {
  autoSync: { true: 'Enabled', false: 'Disabled' },
};
/** Values of one filter that the server takes. */
export const MAX_VALUES = 200;
/** Characters of a search, and its words, that the server takes. */
export const MAX_SEARCH = 256;
const MAX_WORDS = 8;

export function emptyView(layout: Layout): View {
  return { search: '', filters: {}, favourites: false, sort: 'name', descending: false, layout };
}

/** Reads an address's query; what it does not know is left out. */
export function readView(query: string, layout: Layout): View {
  const given = new URLSearchParams(query);
  const view = emptyView(layout);
  view.search = (given.get('search') ?? '').slice(0, MAX_SEARCH);
  for (const filter of FILTERS) {
    const values = given.getAll(PARAMETER[filter]).flatMap((text) => readValues(filter, text));
    if (values.length) view.filters[filter] = [...new Set(values)].slice(0, MAX_VALUES);
  }
  view.favourites = given.get(FAVOURITES) === 'true' || given.get('favourites') === 'true';
  const sort = given.get('sort') ?? '';
  view.descending = sort.startsWith('-');
  view.sort = oneOf(SORTS, sort.replace(/^-/, '')) ?? 'name';
  view.layout = oneOf(LAYOUTS, given.get('view') ?? '') ?? layout;
  return view;
}

/** The query of an address that says a view; parameters that are not of a view stay. */
export function writeView(view: View, beside = ''): string {
  const query = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(beside)) if (!OWN.has(name)) query.append(name, value);
  if (view.search) query.set('search', view.search);
  for (const filter of FILTERS) {
    const values = view.filters[filter];
    if (values?.length) query.set(PARAMETER[filter], values.map((value) => writeValue(filter, value)).join(','));
  }
  if (view.favourites) query.set(FAVOURITES, 'true');
  if (view.sort !== 'name' || view.descending) query.set('sort', `${view.descending ? '-' : ''}${view.sort}`);
  query.set('view', view.layout);
  return query.toString();
}

/** The fields of the server's question, without a place in the list. */
export function questionOf(view: View, favourites: readonly string[]): Record<string, string | readonly string[]> {
  const asked: Record<string, string | readonly string[]> = {};
  const search = words(view.search);
  if (search) asked['search'] = search;
  for (const filter of FILTERS) {
    const values = view.filters[filter];
    if (!values?.length) continue;
    if (filter === 'label') asked['selector'] = selectorOf(values);
    else asked[filter] = values;
  }
  if (view.favourites) asked['keys'] = favourites.length ? favourites : [NOBODY];
  asked['sort'] = `${view.descending ? '-' : ''}${view.sort}`;
  return asked;
}

/** Labels as a selector: all keys have to fit, and of one key any of the chosen values. */
export function selectorOf(labels: readonly string[]): string {
  const byKey = new Map<string, string[]>();
  const others: string[] = [];
  for (const label of labels) {
    const [, key, value] = /^([^=!<>(),\s]+)==?([^=!<>(),\s]*)$/.exec(label) ?? [];
    if (key === undefined || value === undefined) others.push(label);
    else byKey.set(key, [...(byKey.get(key) ?? []), value]);
  }
  const equal = [...byKey].map(([key, values]) =>
    values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(',')})`,
  );
  return [...equal, ...others].join(',');
}

/** A key that no application has: no favourites are no applications, not all. */
export const NOBODY = '-/-';

/** Whether anything is left out by what was chosen. */
export function isNarrowed(view: View): boolean {
  return view.search.trim() !== '' || view.favourites || FILTERS.some((filter) => view.filters[filter]?.length);
}

export function withValues(view: View, filter: Filter, values: readonly string[]): View {
  const filters = { ...view.filters };
  if (values.length) filters[filter] = values;
  else delete filters[filter];
  return { ...view, filters };
}

export function toggled(view: View, filter: Filter, value: string): View {
  const values = view.filters[filter] ?? [];
  return withValues(view, filter, values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
}

function words(search: string): string {
  return search.trim().split(/\s+/).slice(0, MAX_WORDS).join(' ');
}

function readValues(filter: Filter, text: string): string[] {
  return text
    .split(',')
    .map(decoded)
    .filter((value) => value !== '')
    .map((value) => SPOKEN[filter]?.[value] ?? (filter === 'cluster' ? serverOf(value) : value));
}

/** Argo CD writes a cluster as `name (server)`. */
function serverOf(value: string): string {
  return /^.* \((\S+)\)$/.exec(value)?.[1] ?? value;
}

function writeValue(filter: Filter, value: string): string {
  return encodeURIComponent(WRITTEN[filter]?.[value] ?? value);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function oneOf<T extends string>(known: readonly T[], given: string): T | undefined {
  return known.find((one) => one === given);
}
