/** What is said of a cluster, said anew. Its credentials stay as they are unless others are typed. */
import { useState } from 'react';
import { useCanEach } from '@/api/can';
import { put } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Checkbox } from '@/components';
import { FormDialog } from '../settings/FormDialog';
import { placed, said } from '../settings/refusal';
import { ConnectionFields } from './ConnectionFields';
import { type Connection, configOf, isOwnIdentity, problemsOf, toldOf } from './connection';
import { DeclaredFields } from './DeclaredFields';
import { bodyOf, changedOf, type Declared, declaredOf, problemsOf as problemsOfDeclared } from './declared';
import { CLUSTERS, type Cluster, LOCAL, objectOf, pathOf } from './model';

export function ClusterDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const [before] = useState(() => declaredOf(cluster));
  const [declared, setDeclared] = useState<Declared>(before);
  const [connection, setConnection] = useState<Connection>(() => toldOf(cluster));
  const [isConnecting, setConnecting] = useState(false);
  const [isTried, setTried] = useState(false);
  const fields = [...changedOf(before, declared), ...(isConnecting ? ['config'] : [])];
  const wanted = { ...bodyOf(declared), ...(isConnecting ? { config: configOf(connection) } : {}) };
  const send = useSend(
    () => put(pathOf(cluster.server), { server: cluster.server, ...wanted }, { updatedFields: fields }),
    {
      invalidates: [CLUSTERS, pathOf(cluster.server)],
      onDone: onClose,
    },
  );
  const moved = objectOf({ server: cluster.server, project: declared.project.trim() });
  const [may, mayMove, mayAny] = useCanEach([
    { resource: 'clusters', action: 'update', object: objectOf(cluster) },
    { resource: 'clusters', action: 'update', object: moved === objectOf(cluster) ? null : moved },
    { resource: 'clusters', action: 'update', object: isConnecting && isOwnIdentity(connection.way) ? '*' : null },
  ]);
  const refused = send.error === null ? null : placed(wordsOf(send.error), [[/the name /, 'name']]);
  const isSound =
    Object.keys(problemsOfDeclared(declared)).length === 0 &&
    (!isConnecting || Object.keys(problemsOf(connection)).length === 0);
  return (
    <FormDialog
      title={`Change ${cluster.name ?? cluster.server}`}
      action="Save"
      busy={send.isPending}
      refused={
        may?.refusal || mayMove?.refusal || mayAny?.refusal || (fields.length === 0 ? 'Nothing is changed yet' : '')
      }
      refusal={refused}
      onSubmit={() => {
        setTried(true);
        if (isSound) send.mutate(undefined);
      }}
      onClose={onClose}
    >
      <DeclaredFields
        value={declared}
        onChange={setDeclared}
        nameHint="Applications may name the cluster by it; those that do lose it when it changes"
        nameError={said(refused, 'name')}
      />
      {cluster.server !== LOCAL && (
        <>
          <h3>Connection</h3>
          <Checkbox
            label="Replace credentials and certificates"
            hint="What is kept is never shown: all of it has to be typed anew"
            checked={isConnecting}
            onChange={setConnecting}
          />
          {isConnecting && <ConnectionFields value={connection} onChange={setConnection} isTried={isTried} />}
        </>
      )}
    </FormDialog>
  );
}
