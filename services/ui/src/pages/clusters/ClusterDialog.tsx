/** What may be said anew of a cluster without its credentials: name, project, namespaces, labels, annotations. */
import { useState } from 'react';
import { put } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Checkbox, Field, KeyValues, TextInput } from '@/components';
import { FormDialog } from '../settings/FormDialog';
import { placed, said } from '../settings/refusal';
import { CLUSTERS, type Cluster, pathOf } from './model';

type Pair = { key: string; value: string };

export function ClusterDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const [name, setName] = useState(cluster.name ?? '');
  const [namespaces, setNamespaces] = useState((cluster.namespaces ?? []).join(', '));
  const [clusterResources, setClusterResources] = useState(cluster.clusterResources ?? false);
  const [labels, setLabels] = useState<Pair[]>(() => pairsOf(cluster.labels));
  const [annotations, setAnnotations] = useState<Pair[]>(() => pairsOf(cluster.annotations));
  const wanted = {
    name: name.trim(),
    namespaces: namespaces
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
    clusterResources,
    labels: recordOf(labels),
    annotations: recordOf(annotations),
  };
  const fields = Object.keys(wanted);
  const send = useSend(
    () => put(pathOf(cluster.server), { server: cluster.server, ...wanted }, { updatedFields: fields }),
    {
      invalidates: [CLUSTERS, pathOf(cluster.server)],
      onDone: onClose,
    },
  );
  const refused = send.error === null ? null : placed(wordsOf(send.error), [[/name/, 'name']]);
  return (
    <FormDialog
      title={`Change ${cluster.name ?? cluster.server}`}
      action="Save"
      busy={send.isPending}
      refusal={refused}
      onSubmit={() => send.mutate(undefined)}
      onClose={onClose}
    >
      <Field
        label="Name"
        hint="Applications may name the cluster by it; those that do lose it when it changes"
        error={said(refused, 'name')}
      >
        <TextInput value={name} onChange={setName} />
      </Field>
      <Field label="Namespaces" hint="With commas; empty for all. Only these are read and written">
        <TextInput value={namespaces} onChange={setNamespaces} />
      </Field>
      {wanted.namespaces.length > 0 && (
        <Checkbox
          label="Read and write what is in no namespace, too"
          checked={clusterResources}
          onChange={setClusterResources}
        />
      )}
      <KeyValues label="Labels" pairs={labels} onChange={setLabels} />
      <KeyValues label="Annotations" pairs={annotations} onChange={setAnnotations} />
    </FormDialog>
  );
}

function pairsOf(record: Readonly<Record<string, string>> | undefined): Pair[] {
  return Object.entries(record ?? {}).map(([key, value]) => ({ key, value }));
}

function recordOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key.trim(), value] as const).filter(([key]) => key));
}
