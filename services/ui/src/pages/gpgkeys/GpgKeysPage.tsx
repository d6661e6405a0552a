/** GnuPG keys: whose signatures on commits count, where a project asks for one. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { del, post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useGet, useSend } from '@/api/query';
import { Button, Confirm, Empty, Failed, Field, Loading, Page, Table, Text, TextArea, toast } from '@/components';
import { FormDialog } from '../settings/FormDialog';
import { placed, said } from '../settings/refusal';
import styles from './GpgKeys.module.css';

const KEYS = '/api/v1/gpgkeys';

interface Key {
  readonly keyID: string;
  readonly fingerprint?: string;
  readonly owner?: string;
  readonly subType?: string;
}

export function GpgKeysPage() {
  const [isAdding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Key | undefined>();
  const { data, error, refetch } = useGet<{ items?: readonly Key[] | null }>(KEYS);
  const create = useCan('gpgkeys', 'create', '');
  const remove = useCan('gpgkeys', 'delete', '');
  const keys = data?.items ?? [];
  return (
    <Page
      title="GnuPG keys"
      breadcrumbs={[{ label: 'Settings', to: '/settings' }]}
      actions={
        <Button kind="primary" icon="add" refused={create.refusal} onClick={() => setAdding(true)}>
          Add key
        </Button>
      }
    >
      {error !== null && data === undefined && <Failed error={error} what="The list of keys" retry={() => refetch()} />}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && keys.length === 0 && (
        <Empty title="No keys">
          Add the public keys of those who sign commits; a project names the ones that count for it.
        </Empty>
      )}
      {keys.length > 0 && (
        <Table
          label="GnuPG keys"
          rows={keys}
          keyOf={({ keyID }) => keyID}
          columns={[
            {
              key: 'id',
              title: 'Key',
              render: ({ keyID, fingerprint }) => (
                <>
                  <code>{keyID}</code>
                  <div className={styles.quiet}>{fingerprint}</div>
                </>
              ),
            },
            { key: 'owner', title: 'Owner', render: ({ owner }) => <Text value={owner ?? ''} /> },
            { key: 'kind', title: 'Kind', render: ({ subType }) => subType ?? '' },
            {
              key: 'actions',
              title: 'Change',
              hideTitle: true,
              render: (key) => (
                <Button small kind="quiet" refused={remove.refusal} onClick={() => setDeleting(key)}>
                  Delete
                </Button>
              ),
            },
          ]}
        />
      )}
      {isAdding && <AddKey onClose={() => setAdding(false)} />}
      {deleting !== undefined && <DeleteKey found={deleting} onClose={() => setDeleting(undefined)} />}
    </Page>
  );
}

interface Created {
  readonly created?: { readonly items?: readonly Key[] | null };
  readonly skipped?: readonly string[] | null;
}

function AddKey({ onClose }: { onClose: () => void }) {
  const [keyData, setKeyData] = useState('');
  const send = useSend(() => post<Created>(KEYS, { keyData }), {
    invalidates: [KEYS],
    onDone: ({ created, skipped }) => {
      const added = (created?.items ?? []).map(({ keyID }) => keyID);
      toast.ok(
        [
          added.length > 0 ? `Added ${added.join(', ')}` : '',
          skipped?.length ? `There already: ${skipped.join(', ')}` : '',
        ]
          .filter(Boolean)
          .join('. '),
      );
      onClose();
    },
  });
  const refused = send.error === null ? null : placed(wordsOf(send.error), [[/key/i, 'key']]);
  const isKey = keyData.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----');
  const isSecret = keyData.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----');
  const problem = isSecret
    ? 'This is the private key: it is to stay with its owner'
    : 'A public key begins with -----BEGIN PGP PUBLIC KEY BLOCK-----';
  return (
    <FormDialog
      title="Add GnuPG keys"
      action="Add"
      busy={send.isPending}
      refused={isKey && !isSecret ? '' : problem}
      refusal={refused}
      onSubmit={() => send.mutate(undefined)}
      onClose={onClose}
    >
      <Field
        label="Public keys"
        hint="In armour, as gpg --export --armor prints them"
        error={said(refused, 'key') ?? (keyData.trim() && (!isKey || isSecret) ? problem : undefined)}
      >
        <TextArea value={keyData} onChange={setKeyData} rows={10} mono />
      </Field>
    </FormDialog>
  );
}

function DeleteKey({ found, onClose }: { found: Key; onClose: () => void }) {
  const send = useSend(() => del(KEYS, { keyID: found.keyID }), { invalidates: [KEYS], onDone: onClose });
  return (
    <Confirm
      title={`Delete key ${found.keyID}`}
      name={found.keyID}
      action="Delete"
      busy={send.isPending}
      error={send.error === null ? '' : wordsOf(send.error)}
      onClose={onClose}
      onConfirm={() => send.mutate(undefined)}
    >
      Commits signed with it count as unsigned from now on: projects that ask for a signature do not deploy them any
      more.
    </Confirm>
  );
}
