/** Forgetting a repository or template, after saying whose way to their commits it was. */
import { del } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useGet, useSend } from '@/api/query';
import { Confirm, Text } from '@/components';
import type { Item } from './DeclaredList';
import { pathOf, REPOSITORIES, type Store } from './store';

interface Props {
  readonly store: Store;
  readonly item: Item;
  readonly onClose: () => void;
}

export function DeleteDialog({ store, item, onClose }: Props) {
  const url = item.repo ?? item.url ?? '';
  const query = item.project ? { appProject: item.project } : undefined;
  const send = useSend(() => del(pathOf(store, url), query), {
    invalidates: [store.path, REPOSITORIES.path],
    onDone: onClose,
  });
  return (
    <Confirm
      title={`Disconnect ${store.noun}`}
      name={url}
      action="Disconnect"
      busy={send.isPending}
      error={send.error === null ? '' : wordsOf(send.error)}
      onClose={onClose}
      onConfirm={() => send.mutate(undefined)}
    >
      <p>
        <Text value={url} />
      </p>
      {store.isTemplate ? (
        <p>
          Repositories whose address begins so and that have no credentials of their own are met as nobody in particular
          from now on.
        </p>
      ) : (
        <Applications url={url} project={item.project ?? ''} />
      )}
      <p>Its credentials are lost. What is deployed stays deployed.</p>
    </Confirm>
  );
}

function Applications({ url, project }: { url: string; project: string }) {
  const query = { repo: url, ...(project ? { project } : {}), limit: 5, facets: 'none' };
  const { data } = useGet<{ total: number; items: readonly { name: string }[] }>('/api/v1/search/applications', query);
  if (data === undefined) return <p>Looking for the applications that come from it…</p>;
  if (data.total === 0) return <p>No application that you may see comes from it.</p>;
  const names = data.items.map(({ name }) => name).join(', ');
  return (
    <p>
      {`${data.total} ${data.total === 1 ? 'application comes' : 'applications come'} from it: `}
      <Text value={names} />
      {data.total > data.items.length && ' and more'}
      {
        '. Where the repository is not public and no template fits, their commits are not seen any more and they say so.'
      }
    </p>
  );
}
