/** Registering a cluster: typed, or read from a kubeconfig. Its controller tries it before it is kept. */
import { useState } from 'react';
import { useCanEach } from '@/api/can';
import { post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Copy, Field, TextArea, TextInput } from '@/components';
import { FormDialog } from '../settings/FormDialog';
import { placed, said } from '../settings/refusal';
import { ConnectionFields } from './ConnectionFields';
import { type Connection, configOf, EMPTY, isOwnIdentity, problemsOf } from './connection';
import { DeclaredFields } from './DeclaredFields';
import { bodyOf, type Declared, NOTHING, problemsOf as problemsOfDeclared } from './declared';
import { read } from './kubeconfig';
import { CLUSTERS, type Cluster, objectOf } from './model';

const COMMAND = 'argocd cluster add CONTEXT';

export function AddCluster({ onClose }: { onClose: () => void }) {
  const [server, setServer] = useState('');
  const [declared, setDeclared] = useState<Declared>(NOTHING);
  const [connection, setConnection] = useState<Connection>(EMPTY);
  const [isTried, setTried] = useState(false);
  const send = useSend(
    () => post<Cluster>(CLUSTERS, { server: address, ...bodyOf(declared), config: configOf(connection) }),
    { invalidates: [CLUSTERS], onDone: onClose },
  );
  const address = server.trim().replace(/\/+$/, '');
  const wrongServer = problemOfServer(address);
  const isSound =
    wrongServer === '' &&
    Object.keys(problemsOf(connection)).length === 0 &&
    Object.keys(problemsOfDeclared(declared)).length === 0;
  const object = objectOf({ server: address, project: declared.project.trim() });
  const [may, mayAny] = useCanEach([
    { resource: 'clusters', action: 'create', object: wrongServer ? null : object },
    { resource: 'clusters', action: 'create', object: isOwnIdentity(connection.way) ? '*' : null },
  ]);
  const refused = send.error === null ? null : placed(wordsOf(send.error), [[/the name /, 'name']]);
  const fill = (pasted: Exclude<ReturnType<typeof read>, string>) => {
    setServer(pasted.server);
    setDeclared({ ...declared, name: pasted.name });
    setConnection(pasted.connection);
  };
  return (
    <FormDialog
      title="Add a cluster"
      action="Register"
      busy={send.isPending}
      refused={may?.refusal || mayAny?.refusal || ''}
      refusal={refused}
      onSubmit={() => {
        setTried(true);
        if (isSound) send.mutate(undefined);
      }}
      onClose={onClose}
    >
      <p>
        <code>{COMMAND}</code> <Copy text={COMMAND} /> makes a service account there and registers the cluster with its
        token. What it needs can be said here as well; the cluster is tried before it is kept.
      </p>
      <Paste onRead={fill} />
      <Field
        label="Server"
        hint="The address of its API"
        error={isTried || address ? wrongServer || undefined : undefined}
        required
      >
        <TextInput
          value={server}
          onChange={setServer}
          placeholder="https://kubernetes.example.com:6443"
          inputMode="url"
          mono
        />
      </Field>
      <DeclaredFields
        value={declared}
        onChange={setDeclared}
        nameHint="Applications may name the cluster by it; its server where it is empty"
        nameError={said(refused, 'name')}
      />
      <h3>Connection</h3>
      <ConnectionFields value={connection} onChange={setConnection} isTried={isTried} />
    </FormDialog>
  );
}

function problemOfServer(address: string): string {
  if (!address) return 'Needed';
  return /^https?:\/\/[^\s/]/.test(address) && !/\s/.test(address) ? '' : 'Begins with https:// or http://';
}

/** A kubeconfig, of which the form is filled. It stays in the browser until the form is sent. */
function Paste({ onRead }: { onRead: (pasted: Exclude<ReturnType<typeof read>, string>) => void }) {
  const [text, setText] = useState('');
  const found = text.trim() === '' ? null : read(text);
  const change = (next: string) => {
    setText(next);
    const pasted = read(next);
    if (typeof pasted !== 'string') onRead(pasted);
  };
  const left = found !== null && typeof found !== 'string' ? found.left : [];
  return (
    <details>
      <summary>Fill it from a kubeconfig</summary>
      <Field
        label="Kubeconfig"
        hint={
          left.length > 0
            ? `Not taken along: ${left.join(', ')}`
            : 'The cluster and user of its current context, with their data in it'
        }
        error={typeof found === 'string' ? found : undefined}
      >
        <TextArea value={text} onChange={change} rows={6} autoComplete="off" mono />
      </Field>
    </details>
  );
}
