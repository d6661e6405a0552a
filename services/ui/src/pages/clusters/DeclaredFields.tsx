/** The part of a cluster's form that says what it is for: name, project, namespaces, shard, labels, annotations. */
import { useGet } from '@/api';
import { Checkbox, Combobox, Field, KeyValues, TextInput } from '@/components';
import { type Declared, problemsOf } from './declared';

interface Props {
  readonly value: Declared;
  readonly onChange: (value: Declared) => void;
  readonly nameHint: string;
  readonly nameError: string | undefined;
}

export function DeclaredFields({ value, onChange, nameHint, nameError }: Props) {
  const set = (change: Partial<Declared>) => onChange({ ...value, ...change });
  return (
    <>
      <Field label="Name" hint={nameHint} error={nameError}>
        <TextInput value={value.name} onChange={(name) => set({ name })} />
      </Field>
      <ProjectField value={value.project} onChange={(project) => set({ project })} />
      <Field label="Namespaces" hint="With commas; empty for all. Only these are read and written">
        <TextInput value={value.namespaces} onChange={(namespaces) => set({ namespaces })} />
      </Field>
      {value.namespaces.trim() !== '' && (
        <Checkbox
          label="Read and write what is in no namespace, too"
          checked={value.clusterResources}
          onChange={(clusterResources) => set({ clusterResources })}
        />
      )}
      <Field
        label="Shard"
        hint="The number of the controller that has it; empty for wherever there is room"
        error={problemsOf(value).shard}
      >
        <TextInput value={value.shard} onChange={(shard) => set({ shard })} inputMode="numeric" />
      </Field>
      <KeyValues label="Labels" pairs={[...value.labels]} onChange={(labels) => set({ labels })} />
      <KeyValues label="Annotations" pairs={[...value.annotations]} onChange={(annotations) => set({ annotations })} />
    </>
  );
}

function ProjectField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { data } = useGet<{ items?: readonly { metadata: { name: string } }[] | null }>('/api/v1/projects', {
    fields: 'items.metadata.name',
  });
  return (
    <Field label="Project" hint="Only applications of this project go there; empty for all">
      <Combobox value={value} onChange={onChange} options={(data?.items ?? []).map(({ metadata }) => metadata.name)} />
    </Field>
  );
}
