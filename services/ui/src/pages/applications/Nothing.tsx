import { type UserInfo, useGet } from '@/api';
import { Button, Copy, Empty, Inert, Text } from '@/components';
import { NewApplication } from './NewApplication';
import type { Facets } from './row';
import { emptyView, FILTERS, isNarrowed, type View } from './view';
import { applications, FILTER_WORDS, valueWords } from './words';

interface Props {
  view: View;
  facets: Facets;
  favourites: number;
  onView: (view: View) => void;
}

/** Why nothing is listed, and what to do next. */
export function Nothing(props: Props) {
  const { view } = props;
  if (view.favourites && !props.favourites) return <NoFavourites {...props} />;
  if (isNarrowed(view)) return <NoneMatch {...props} />;
  return <NoneAtAll />;
}

function NoFavourites({ view, onView }: Props) {
  return (
    <Empty title="No favourites yet">
      <p>
        Press the star of an application, or <kbd>f</kbd> on it, and it is found here. Favourites are kept in this
        browser.
      </p>
      <Button kind="primary" onClick={() => onView({ ...view, favourites: false })}>
        Show all applications
      </Button>
    </Empty>
  );
}

function NoneMatch({ view, facets, onView }: Props) {
  return (
    <Empty title="No application matches">
      {without(view, facets).map(({ words, count, next }) => (
        <p key={words}>
          <Button kind="plain" onClick={() => onView(next)}>{`Without ${words}: ${applications(count)}`}</Button>
        </p>
      ))}
      <Button
        kind="primary"
        onClick={() => onView({ ...emptyView(view.layout), sort: view.sort, descending: view.descending })}
      >
        Clear search and filters
      </Button>
    </Empty>
  );
}

/** What taking away one filter would leave, where the server counted it. */
export function without(view: View, facets: Facets): { words: string; count: number; next: View }[] {
  return FILTERS.flatMap((filter) => {
    const values = view.filters[filter];
    if (!values?.length) return [];
    const count = (facets[filter]?.values ?? []).reduce((sum, one) => sum + one.count, 0);
    if (!count || filter === 'label') return [];
    const filters = { ...view.filters };
    delete filters[filter];
    const words = `${FILTER_WORDS[filter].toLowerCase()} ${values.map((one) => valueWords(filter, one)).join(' or ')}`;
    return [{ words, count, next: { ...view, filters } }];
  });
}

interface Can {
  value?: string;
}

function NoneAtAll() {
  const get = useGet<Can>('/api/v1/account/can-i/applications/get/*');
  const create = useGet<Can>('/api/v1/account/can-i/applications/create/*');
  const user = useGet<UserInfo>('/api/v1/session/userinfo');
  if (get.data && get.data.value !== 'yes')
    return <NoneSeen name={user.data?.username ?? ''} mayCreate={create.data?.value === 'yes'} />;
  return (
    <Empty title="No applications yet">
      <p>An application says which folder or chart of a repository belongs into which namespace of which cluster.</p>
      <p>
        <NewApplication>Create the first application</NewApplication>
      </p>
      <p>
        Or with the command line: <code>argocd app create</code>, or by applying an object of kind Application.
      </p>
    </Empty>
  );
}

function NoneSeen({ name, mayCreate }: { name: string; mayCreate: boolean }) {
  const line = `p, ${name || 'role:readers'}, applications, get, <project>/*, allow`;
  return (
    <Empty title="No application that you may see">
      <p>
        You are logged in as <Text value={name || 'nobody'} />. There may be applications; your account has no right to
        see them.
      </p>
      <p>An administrator grants it with a line like this in argocd-rbac-cm:</p>
      <p>
        <code>
          <Inert text={line} />
        </code>{' '}
        <Copy text={line} />
      </p>
      {mayCreate && (
        <p>
          <NewApplication>Create an application</NewApplication>
        </p>
      )}
    </Empty>
  );
}
