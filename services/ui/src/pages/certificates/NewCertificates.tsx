/** New certificates or known hosts, as somebody pastes them. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Checkbox, Field, TextArea, TextInput } from '@/components';
import { FormDialog } from '../settings/FormDialog';
import { placed, said } from '../settings/refusal';
import { CERTIFICATES, type CertType, sshEntries, tlsEntry } from './entries';

export function NewCertificates({ type, onClose }: { type: CertType; onClose: () => void }) {
  const [server, setServer] = useState('');
  const [text, setText] = useState('');
  const [upsert, setUpsert] = useState(false);
  const mayReplace = useCan('certificates', 'update', '');
  const read = type === 'ssh' ? sshEntries(text) : tlsEntry(server, text);
  const send = useSend(() => post(CERTIFICATES, { items: read.entries }, { upsert }), {
    invalidates: [CERTIFICATES],
    onDone: onClose,
  });
  const refused =
    send.error === null
      ? null
      : placed(wordsOf(send.error), [
          [/hostname|already exists/, 'server'],
          [/PEM|host key/, 'text'],
        ]);
  const isTyped = text.trim() !== '';
  return (
    <FormDialog
      title={type === 'ssh' ? 'Add SSH known hosts' : 'Add TLS certificate'}
      action="Add"
      busy={send.isPending}
      refused={read.problem || (upsert ? mayReplace.refusal : '')}
      refusal={refused}
      onSubmit={() => send.mutate(undefined)}
      onClose={onClose}
    >
      {type === 'https' && (
        <Field label="Server" hint="Its host name, without a port" error={said(refused, 'server')}>
          <TextInput value={server} onChange={setServer} placeholder="git.example.com" />
        </Field>
      )}
      <Field
        label={type === 'ssh' ? 'Known hosts' : 'Certificates'}
        hint={
          type === 'ssh'
            ? 'As ssh-keyscan prints them: host type key'
            : 'PEM: of the server, or of the authority that it is to be vouched for by'
        }
        error={
          said(refused, 'text') ??
          (type === 'ssh' ? said(refused, 'server') : undefined) ??
          (isTyped && read.problem ? read.problem : undefined)
        }
      >
        <TextArea value={text} onChange={setText} rows={8} mono />
      </Field>
      <Checkbox label="Replace what is there of the same name" checked={upsert} onChange={setUpsert} />
    </FormDialog>
  );
}
