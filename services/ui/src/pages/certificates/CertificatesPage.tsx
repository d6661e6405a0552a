/** Whose word is believed about a server: certificates for TLS, known hosts for SSH. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { del } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useGet, useSend } from '@/api/query';
import { Button, Confirm, Empty, Failed, Loading, Page, Table, Text } from '@/components';
import { CERTIFICATES, type Certificate, type CertType } from './entries';
import { NewCertificates } from './NewCertificates';

export function CertificatesPage() {
  const [adding, setAdding] = useState<CertType | undefined>();
  const [deleting, setDeleting] = useState<Certificate | undefined>();
  const { data, error, refetch } = useGet<{ items?: readonly Certificate[] | null }>(CERTIFICATES);
  const create = useCan('certificates', 'create', '');
  const items = data?.items ?? [];
  return (
    <Page
      title="Certificates and known hosts"
      breadcrumbs={[{ label: 'Settings', to: '/settings' }]}
      actions={
        <>
          <Button icon="add" refused={create.refusal} onClick={() => setAdding('https')}>
            Add TLS certificate
          </Button>
          <Button icon="add" refused={create.refusal} onClick={() => setAdding('ssh')}>
            Add SSH known hosts
          </Button>
        </>
      }
    >
      {error !== null && data === undefined && (
        <Failed error={error} what="The list of certificates" retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && (
        <>
          <h2>TLS</h2>
          <p>
            A host that is named here is believed on the word of these certificates alone; any other on that of the
            system’s authorities.
          </p>
          <List
            label="TLS certificates"
            empty="One is needed only where an authority of your own vouches for a server."
            items={items.filter(({ certType }) => certType === 'https')}
            onDelete={setDeleting}
          />
          <h2>SSH known hosts</h2>
          <p>A server that nobody vouches for here is refused.</p>
          <List
            label="SSH known hosts"
            empty="Until there is one no repository is reached over SSH."
            items={items.filter(({ certType }) => certType === 'ssh')}
            onDelete={setDeleting}
          />
        </>
      )}
      {adding !== undefined && <NewCertificates type={adding} onClose={() => setAdding(undefined)} />}
      {deleting !== undefined && <DeleteCertificate entry={deleting} onClose={() => setDeleting(undefined)} />}
    </Page>
  );
}

interface ListProps {
  readonly label: string;
  /** When one is needed. */
  readonly empty: string;
  readonly items: readonly Certificate[];
  readonly onDelete: (entry: Certificate) => void;
}

function List({ label, empty, items, onDelete }: ListProps) {
  const remove = useCan('certificates', 'delete', '');
  if (items.length === 0) return <Empty title={`No ${label}`}>{empty}</Empty>;
  return (
    <Table
      label={label}
      rows={items.map((item, at) => ({ item, at }))}
      keyOf={({ at }) => String(at)}
      columns={[
        { key: 'server', title: 'Server', render: ({ item }) => <Text value={item.serverName ?? ''} /> },
        { key: 'kind', title: 'Kind of key', render: ({ item }) => item.certSubType ?? '' },
        {
          key: 'info',
          title: items[0]?.certType === 'ssh' ? 'Fingerprint' : 'Subject',
          render: ({ item }) => <Text value={item.certInfo ?? 'Cannot be read'} />,
        },
        {
          key: 'actions',
          title: 'Change',
          hideTitle: true,
          render: ({ item }) => (
            <Button small kind="quiet" refused={remove.refusal} onClick={() => onDelete(item)}>
              Delete
            </Button>
          ),
        },
      ]}
    />
  );
}

function DeleteCertificate({ entry, onClose }: { entry: Certificate; onClose: () => void }) {
  const { serverName = '', certType = '', certSubType = '' } = entry;
  const isTls = certType === 'https';
  const query = { hostNamePattern: globOf(serverName), certType, certSubType: isTls ? '' : certSubType };
  const send = useSend(() => del(CERTIFICATES, query), { invalidates: [CERTIFICATES], onDone: onClose });
  return (
    <Confirm
      title={isTls ? 'Delete TLS certificates' : 'Delete known host'}
      action="Delete"
      name={serverName}
      busy={send.isPending}
      error={send.error === null ? '' : wordsOf(send.error)}
      onClose={onClose}
      onConfirm={() => send.mutate(undefined)}
    >
      {isTls
        ? `All certificates of ${serverName} go. From then on it has to be vouched for by one of the system’s authorities, or its repositories are not read.`
        : `Repositories on ${serverName} are not read any more over SSH, unless another key of it is known.`}
    </Confirm>
  );
}

/** A host as a pattern that means it alone: brackets of `[host]:port` are globs otherwise. */
function globOf(host: string): string {
  return host.replaceAll(/[[\]*?\\{}]/g, (mark) => `\\${mark}`);
}
