/** Kustomize: each image beside what the manifests say, and the other fields. */
import { useState } from 'react';
import { Badge, Button, Field, IconButton, TextInput } from '@/components';
import { Fields } from './Fields';
import { KUSTOMIZE_FIELDS } from './fields';
import type { ToolFormProps } from './HelmForm';
import { type Image, type ImageRow, imageRows, parseImage, withImage } from './overrides';
import css from './parameters.module.css';

export function KustomizeForm({ draft, path, onChange, details, errorAt, schema }: ToolFormProps) {
  const base = [...path, 'kustomize'];
  const own = draft.strings([...base, 'images']);
  const setOwn = (list: string[]) => onChange(draft.with([...base, 'images'], list, path.length));
  const rows = imageRows(details?.kustomize?.images ?? [], own);
  const [name, setName] = useState('');
  return (
    <>
      <section aria-label="Images" className={css['parameters']}>
        <span className={css['label']}>Images</span>
        {rows.map((row) => (
          <Row key={row.name} row={row} onSet={(image) => setOwn(withImage(own, row.name, image))} />
        ))}
        <form
          className={css['add']}
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) setOwn(withImage(own, parseImage(name.trim()).from, parseImage(name.trim())));
            setName('');
          }}
        >
          <TextInput
            aria-label="Another image"
            placeholder="nginx=registry.example/nginx:1.27"
            mono
            value={name}
            onChange={setName}
          />
          <Button type="submit" small icon="add">
            Add an image
          </Button>
        </form>
      </section>
      <Fields
        fields={KUSTOMIZE_FIELDS}
        draft={draft}
        base={base}
        keep={path.length}
        schema={schema}
        onChange={onChange}
        {...(errorAt ? { errorAt } : {})}
      />
    </>
  );
}

function Row({ row, onSet }: { row: ImageRow; onSet: (image: Image | null) => void }) {
  const now = row.override ?? row.original ?? { from: row.name, to: row.name, tag: '', digest: '' };
  const original = row.original;
  const hint =
    row.override && original ? `the manifests say ${original.to}${original.tag ? `:${original.tag}` : ''}` : undefined;
  return (
    <div className={css['parameter']} data-own={row.override !== null || undefined}>
      <Field label={row.name} hint={hint}>
        <TextInput mono value={now.to} onChange={(to) => onSet({ ...now, from: row.name, to })} />
      </Field>
      <Field label={`Tag of ${row.name}`}>
        <TextInput
          mono
          value={now.digest || now.tag}
          placeholder="tag"
          onChange={(text) => {
            const isDigest = text.includes(':');
            onSet({ ...now, from: row.name, tag: isDigest ? '' : text, digest: isDigest ? text : '' });
          }}
        />
      </Field>
      {row.override && (
        <span className={css['acts']}>
          <Badge tone="busy">overridden</Badge>
          <IconButton icon="rollback" label={`Take ${row.name} back`} onClick={() => onSet(null)} />
        </span>
      )}
    </div>
  );
}
