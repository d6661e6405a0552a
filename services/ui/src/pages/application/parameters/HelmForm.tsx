/** Helm: value files, values as a text, and each parameter beside what the chart says. */
import { useState } from 'react';
import type { RepoAppDetailsResponse } from '@/api/schema';
import { Badge, Button, Checkbox, Field, IconButton, Inert, Text, TextArea, TextInput } from '@/components';
import type { Draft, Path } from '@/kubernetes/draft';
import type { KindSchema } from '@/kubernetes/schema/schema';
import { counted } from '@/text/quantity';
import { Notice } from '../sync/Notice';
import { Fields } from './Fields';
import { HELM_FIELDS, itemsOf, linesOf } from './fields';
import { type HelmParameter, helmParameters, type ParameterRow, parameterRows, withParameter } from './overrides';
import css from './parameters.module.css';
import { type Chart, useChart } from './use_chart';
import { hasObject, isSameValues, isTextIgnored, valuesProblem, valuesText, withValues } from './values';
import { YamlPart } from './YamlPart';

export interface ToolFormProps {
  draft: Draft;
  /** The path of the source. */
  path: Path;
  onChange: (draft: Draft) => void;
  details: RepoAppDetailsResponse | undefined;
  errorAt?: ((path: Path) => string) | undefined;
  application: { name: string; project: string };
  /** The schema of an Application. */
  schema: KindSchema | null;
}

/** Parameters shown before the reader asks for all. */
const SHOWN = 40;

export function HelmForm({ draft, path, onChange, details, errorAt, application, schema }: ToolFormProps) {
  const helm = [...path, 'helm'];
  const chart = useChart(draft.get(path), application, details?.helm?.values ?? '');
  const files = draft.strings([...helm, 'valueFiles']);
  const offered = (details?.helm?.valueFiles ?? []).filter((file) => !files.includes(file));
  const setFiles = (list: string[]) => onChange(draft.with([...helm, 'valueFiles'], list, path.length));
  const own = helmParameters(draft.get([...helm, 'parameters']));
  const setOwn = (list: HelmParameter[]) => onChange(draft.with([...helm, 'parameters'], list, path.length));
  return (
    <>
      <Field
        label="Value files"
        hint="One a line, from the source's folder; $ref/ leads into another source."
        error={errorAt?.([...helm, 'valueFiles']) || errorAt?.(helm)}
      >
        <FilesInput files={files} onChange={setFiles} />
      </Field>
      {offered.length > 0 && (
        <div className={css['offered']}>
          {offered.map((file) => (
            <Button key={file} small icon="add" onClick={() => setFiles([...files, file])}>
              <Inert text={file} />
            </Button>
          ))}
        </div>
      )}
      <Values draft={draft} helm={helm} chart={chart} onChange={onChange} />
      <Parameters rows={parameterRows(helmParameters(details?.helm?.parameters), own)} own={own} onChange={setOwn} />
      <details className={css['more']}>
        <summary>More of Helm</summary>
        <Fields
          fields={HELM_FIELDS}
          draft={draft}
          base={helm}
          keep={path.length}
          schema={schema}
          onChange={onChange}
          {...(errorAt ? { errorAt } : {})}
        />
      </details>
    </>
  );
}

interface ValuesProps {
  draft: Draft;
  helm: Path;
  chart: Chart;
  onChange: (draft: Draft) => void;
}

function Values({ draft, helm, chart, onChange }: ValuesProps) {
  // An object that was emptied is still one for what is typed next.
  const [wasObject, setObject] = useState(hasObject(draft, helm));
  if (hasObject(draft, helm) && !wasObject) setObject(true);
  const isObject = hasObject(draft, helm) || (wasObject && draft.string([...helm, 'values']) === '');
  return (
    <>
      <YamlPart
        label="Values"
        hint={isObject ? 'Kept as an object: comments are not.' : undefined}
        draft={draft}
        path={[...helm, isObject ? 'valuesObject' : 'values']}
        told={valuesText(draft, helm)}
        schema={chart.schema}
        problemOf={valuesProblem}
        withText={(from, text) => withValues(from, helm, text, isObject)}
        isSame={(one, other) => isSameValues(draft, helm, one, other)}
        onChange={onChange}
      />
      {chart.problem && (
        <p className={css['hint']}>
          Values are not checked: <Text value={chart.problem} />
        </p>
      )}
      {isTextIgnored(draft, helm) && (
        <div className={css['bar']}>
          <Notice
            tone="warn"
            title="The application also has values as a text, which count for nothing beside these."
          />
          <Button small onClick={() => onChange(draft.with([...helm, 'values'], undefined))}>
            Remove the text
          </Button>
        </div>
      )}
    </>
  );
}

function FilesInput({ files, onChange }: { files: string[]; onChange: (files: string[]) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const told = linesOf(files);
  const shown = typed !== null && linesOf(itemsOf(typed)) === told ? typed : told;
  const take = (text: string) => {
    setTyped(text);
    onChange(itemsOf(text));
  };
  return <TextArea mono rows={Math.max(2, files.length + 1)} value={shown} onChange={take} />;
}

interface ParametersProps {
  rows: readonly ParameterRow[];
  own: readonly HelmParameter[];
  onChange: (own: HelmParameter[]) => void;
}

function Parameters({ rows, own, onChange }: ParametersProps) {
  const [filter, setFilter] = useState('');
  const [isAll, setAll] = useState(false);
  const [name, setName] = useState('');
  const found = rows.filter((row) => row.name.toLowerCase().includes(filter.toLowerCase()));
  const shown = isAll ? found : found.slice(0, SHOWN);
  const set = (row: ParameterRow, value: string | null, force = row.forceString) =>
    onChange(withParameter(own, row.name, value, force));
  return (
    <section aria-label="Parameters" className={css['parameters']}>
      <div className={css['bar']}>
        <span className={css['label']}>Parameters</span>
        {rows.length > 10 && (
          <TextInput aria-label="Filter parameters" placeholder="Filter" value={filter} onChange={setFilter} />
        )}
      </div>
      {shown.map((row) => (
        <Row key={row.name} row={row} onSet={set} />
      ))}
      {found.length > shown.length && (
        <Button onClick={() => setAll(true)}>Show all {counted(found.length, 'parameter')}</Button>
      )}
      <form
        className={css['add']}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() && !own.some((one) => one.name === name.trim()))
            onChange(withParameter(own, name.trim(), ''));
          setName('');
        }}
      >
        <TextInput
          aria-label="Name of another parameter"
          placeholder="image.tag"
          mono
          value={name}
          onChange={setName}
        />
        <Button type="submit" small icon="add">
          Add a parameter
        </Button>
      </form>
    </section>
  );
}

function Row({
  row,
  onSet,
}: {
  row: ParameterRow;
  onSet: (row: ParameterRow, value: string | null, force?: boolean) => void;
}) {
  const isOwn = row.override !== null;
  return (
    <div className={css['parameter']} data-own={isOwn || undefined}>
      <Field
        label={row.name}
        hint={
          isOwn && row.original !== null ? (
            <>
              the chart says <Text value={row.original || '""'} />
            </>
          ) : undefined
        }
      >
        <TextInput mono value={row.override ?? row.original ?? ''} onChange={(value) => onSet(row, value)} />
      </Field>
      {isOwn && (
        <span className={css['acts']}>
          <Badge tone="busy">overridden</Badge>
          <Checkbox label="as text" checked={row.forceString} onChange={(force) => onSet(row, row.override, force)} />
          <IconButton icon="rollback" label={`Take ${row.name} back`} onClick={() => onSet(row, null)} />
        </span>
      )}
    </div>
  );
}
