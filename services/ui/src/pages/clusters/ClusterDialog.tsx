/** What is said of a cluster, said anew. Its credentials stay as they are unless others are typed. */
import { useState } from 'react';
import { useCanEach } from '@/api/can';
import { get, put } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Checkbox, Overtaken } from '@/components';
import type { JsonObject } from '@/kubernetes/json';
import { OvertakenFieldsError, reconciled } from '@/kubernetes/overtaken';
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
    async (goesOver: boolean) => {
      const made = await onTop(cluster.server, before, declared, goesOver);
      return put(pathOf(cluster.server), { server: cluster.server, ...wanted, ...made }, { updatedFields: fields });
    },
    {
      invalidates: [CLUSTERS, pathOf(cluster.server)],
      onDone: onClose,
    },
  );
  const overtaken = send.error instanceof OvertakenFieldsError ? send.error : null;
  const moved = objectOf({ server: cluster.server, project: declared.project.trim() });
  const [may, mayMove, mayAny] = useCanEach([
    { resource: 'clusters', action: 'update', object: objectOf(cluster) },
    { resource: 'clusters', action: 'update', object: moved === objectOf(cluster) ? null : moved },
    { resource: 'clusters', action: 'update', object: isConnecting && isOwnIdentity(connection.way) ? '*' : null },
  ]);
  const refused = send.error === null || overtaken ? null : placed(wordsOf(send.error), [[/the name /, 'name']]);
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
        if (isSound) send.mutate(false);
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
      {overtaken && (
        <Overtaken
          what={`The cluster ${cluster.name ?? cluster.server}`}
          who=""
          differences={overtaken.differences}
          onKeep={() => send.mutate(true)}
          onTake={onClose}
        />
      )}
    </FormDialog>
  );
}

/** The fields that were changed, on top of what they are now. */
async function onTop(server: string, before: Declared, declared: Declared, goesOver: boolean): Promise<JsonObject> {
  const names = changedOf(before, declared);
  const part = (of: Declared): JsonObject => {
    const body = bodyOf(of);
    return Object.fromEntries(names.map((name) => [name, body[name]]));
  };
  const now = declaredOf(await get<Cluster>(pathOf(server)));
  return reconciled(part(before), part(declared), part(now), goesOver);
}
