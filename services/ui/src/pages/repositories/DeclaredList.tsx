/** One list of declared repositories or templates. */
import { useState } from 'react';
import { useCan, useCanAnywhere } from '@/api/can';
import { get } from '@/api/client';
import { useGet, useSend } from '@/api/query';
import { Badge, Button, Empty, Failed, Link, Loading, Table, Text, Time, toast } from '@/components';
import card from '../settings/Card.module.css';
import { ConnectDialog } from './ConnectDialog';
import { DeleteDialog } from './DeleteDialog';
import { KINDS, kindOf } from './kinds';
import styles from './Repositories.module.css';
import { objectOf, pathOf, type Store } from './store';

export interface Item {
  readonly repo?: string;
  readonly url?: string;
  readonly type?: string;
  readonly name?: string;
  readonly project?: string;
  readonly username?: string;
  readonly inheritedCreds?: boolean;
  readonly connectionState?: {
    readonly status?: string;
    readonly message?: string;
    readonly attemptedAt?: string | null;
  };
  readonly [field: string]: unknown;
}

interface Props {
  readonly store: Store;
  readonly onAdd: () => void;
}

export function DeclaredList({ store, onAdd }: Props) {
  const { data, error, refetch } = useGet<{ items?: readonly Item[] | null }>(store.path);
  const [editing, setEditing] = useState<Item | undefined>();
  const [deleting, setDeleting] = useState<Item | undefined>();
  const mayAdd = useCanAnywhere(store.resource, 'create');
  const items = data?.items ?? [];
  return (
    <section aria-label={store.title} className={styles.list}>
      <header className={styles.head}>
        <h2>{store.title}</h2>
        {store.isForWriting && (
          <Button small icon="add" refused={mayAdd.refusal} onClick={onAdd}>
            Add
            <span className={card.hidden}>{` ${store.noun}`}</span>
          </Button>
        )}
      </header>
      {store.isForWriting && <p>The source hydrator pushes with these; nothing else uses them.</p>}
      {error !== null && data === undefined && (
        <Failed error={error} what={`The list of ${store.title.toLowerCase()}`} retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && items.length === 0 && (
        <Empty title={`No ${store.title.toLowerCase()}`}>
          {store.isTemplate
            ? 'A template lends its credentials to every repository whose address begins with its own.'
            : 'Public repositories need none. Connect one that asks who we are.'}
        </Empty>
      )}
      {items.length > 0 && (
        <Table
          label={store.title}
          rows={items}
          keyOf={(item) => `${item.project ?? ''} ${item.repo ?? item.url ?? ''}`}
          columns={[
            {
              key: 'address',
              title: store.isTemplate ? 'URL prefix' : 'Repository',
              render: (item) => <Address item={item} />,
            },
            { key: 'kind', title: 'Reached by', render: (item) => KINDS[kindOf(item)].label },
            { key: 'who', title: 'As', render: (item) => <Who item={item} /> },
            ...(store.isTemplate
              ? []
              : [{ key: 'state', title: 'Connection', render: (item: Item) => <State item={item} /> }]),
            {
              key: 'actions',
              title: 'Change',
              render: (item) => (
                <Actions store={store} item={item} onEdit={() => setEditing(item)} onDelete={() => setDeleting(item)} />
              ),
            },
          ]}
        />
      )}
      {editing !== undefined && (
        <ConnectDialog store={store} declared={editing} onClose={() => setEditing(undefined)} />
      )}
      {deleting !== undefined && <DeleteDialog store={store} item={deleting} onClose={() => setDeleting(undefined)} />}
    </section>
  );
}

function Address({ item }: { item: Item }) {
  const url = item.repo ?? item.url ?? '';
  return (
    <>
      {item.name && (
        <strong className={styles.name}>
          <Text value={item.name} />
        </strong>
      )}
      <Text value={url} />
      {item.project && (
        <span className={styles.quiet}>
          of project <Link to={`/settings/projects/${encodeURIComponent(item.project)}`}>{item.project}</Link>
        </span>
      )}
    </>
  );
}

function Who({ item }: { item: Item }) {
  const name = item.username ?? (item.githubAppID ? `App ${String(item.githubAppID)}` : '');
  return (
    <>
      <Text value={name} />
      {item.inheritedCreds && <span className={styles.quiet}>by a template</span>}
    </>
  );
}

function State({ item }: { item: Item }) {
  const { status = 'Unknown', message, attemptedAt } = item.connectionState ?? {};
  const tone = status === 'Successful' ? 'ok' : status === 'Failed' ? 'bad' : 'neutral';
  return (
    <>
      <Badge tone={tone} icon={status === 'Successful' ? 'check' : status === 'Failed' ? 'cross' : 'question'}>
        {status}
      </Badge>{' '}
      {attemptedAt && <Time at={attemptedAt} />}
      {message && (
        <span className={styles.message}>
          <Text value={message} lines={3} />
        </span>
      )}
    </>
  );
}

interface ActionsProps {
  readonly store: Store;
  readonly item: Item;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function Actions({ store, item, onEdit, onDelete }: ActionsProps) {
  const object = objectOf(item);
  const update = useCan(store.resource, 'update', object);
  const remove = useCan(store.resource, 'delete', object);
  const test = useSend(
    () => get<Item>(pathOf(store, item.repo ?? ''), { forceRefresh: true, appProject: item.project }),
    {
      invalidates: [store.path],
      onDone: (found: Item) => {
        const { status, message } = found.connectionState ?? {};
        if (status === 'Successful') toast.ok(`${item.repo} can be read`);
        else toast.failed(new Error(message ?? `${item.repo}: ${status}`));
      },
    },
  );
  return (
    <div className={styles.actions}>
      {!store.isTemplate && (
        <Button kind="quiet" small busy={test.isPending} onClick={() => test.mutate(undefined)}>
          Test
        </Button>
      )}
      <Button kind="quiet" small refused={update.refusal} onClick={onEdit}>
        Edit
      </Button>
      <Button kind="quiet" small refused={remove.refusal} onClick={onDelete}>
        Disconnect
      </Button>
    </div>
  );
}
