/** The tokens of an account or role: when each was made and ends, and taking one back. */
import { useState } from 'react';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Button, Confirm, Table, Text, Time } from '@/components';

export interface ListedToken {
  readonly id: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds; 0 for no end. */
  readonly expiresAt: number;
}

interface Props {
  readonly label: string;
  readonly tokens: readonly ListedToken[];
  readonly refusal: string;
  readonly remove: (token: ListedToken) => Promise<unknown>;
  readonly invalidates: readonly string[];
}

export function Tokens({ label, tokens, refusal, remove, invalidates }: Props) {
  const [deleting, setDeleting] = useState<ListedToken | undefined>();
  const send = useSend(remove, { invalidates, onDone: () => setDeleting(undefined) });
  if (tokens.length === 0) return <p>No tokens.</p>;
  return (
    <>
      <Table
        label={label}
        rows={tokens}
        keyOf={(token) => `${token.id}/${token.issuedAt}`}
        columns={[
          { key: 'id', title: 'Id', render: (token) => <Text value={token.id} /> },
          { key: 'made', title: 'Made', render: (token) => <Time at={token.issuedAt * 1000} /> },
          { key: 'ends', title: 'Ends', render: (token) => <End token={token} /> },
          {
            key: 'actions',
            title: 'Change',
            render: (token) => (
              <Button kind="quiet" refused={refusal} onClick={() => setDeleting(token)}>
                Delete
              </Button>
            ),
          },
        ]}
      />
      {deleting !== undefined && (
        <Confirm
          title="Delete this token"
          action="Delete"
          busy={send.isPending}
          error={send.error === null ? '' : wordsOf(send.error)}
          onClose={() => {
            send.reset();
            setDeleting(undefined);
          }}
          onConfirm={() => send.mutate(deleting)}
        >
          Whatever logs in with <Text value={deleting.id} /> is refused from now on.
        </Confirm>
      )}
    </>
  );
}

function End({ token }: { token: ListedToken }) {
  if (token.expiresAt === 0) return <>Never</>;
  const isOver = token.expiresAt * 1000 < Date.now();
  return (
    <>
      {isOver && 'Ended '}
      <Time at={token.expiresAt * 1000} />
    </>
  );
}
