/** A plugin: the parameters that it announces, and the fields that every plugin has. */

import type { ParameterAnnouncement } from '@/api/schema';
import { Badge, Field, IconButton, TextInput } from '@/components';
import { isRecord } from '@/kubernetes/draft';
import { Fields, LinesInput, MapInput } from './Fields';
import { PLUGIN_FIELDS } from './fields';
import type { ToolFormProps } from './HelmForm';
import { type PluginParameter, withPluginParameter } from './overrides';
import css from './parameters.module.css';

export function PluginForm({ draft, path, onChange, details, errorAt, schema }: ToolFormProps) {
  const base = [...path, 'plugin'];
  const announced = details?.plugin?.parametersAnnouncement ?? [];
  const own: PluginParameter[] = draft.list([...base, 'parameters']).filter(isRecord);
  const set = (name: string, part: PluginParameter | null) =>
    onChange(draft.with([...base, 'parameters'], withPluginParameter(own, name, part), path.length));
  return (
    <>
      {announced.map((one) => (
        <Announced
          key={one.name}
          announced={one}
          own={own.find((given) => given['name'] === one.name)}
          onSet={(part) => set(one.name ?? '', part)}
        />
      ))}
      <Fields
        fields={PLUGIN_FIELDS}
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

interface AnnouncedProps {
  announced: ParameterAnnouncement;
  own: PluginParameter | undefined;
  onSet: (part: PluginParameter | null) => void;
}

function Announced({ announced, own, onSet }: AnnouncedProps) {
  const label = announced.title || announced.name || '';
  return (
    <div className={css['parameter']} data-own={own !== undefined || undefined}>
      <Value announced={announced} own={own} label={label} onSet={onSet} />
      {own && (
        <span className={css['acts']}>
          <Badge tone="busy">overridden</Badge>
          <IconButton icon="rollback" label={`Take ${label} back`} onClick={() => onSet(null)} />
        </span>
      )}
    </div>
  );
}

function Value({ announced, own, label, onSet }: AnnouncedProps & { label: string }) {
  if (announced.collectionType === 'map') {
    const map = isRecord(own?.['map']) ? own['map'] : (announced.map ?? {});
    return <MapInput label={label} map={map} set={(next) => onSet({ map: next })} isReadOnly={false} />;
  }
  const isRequired = announced.required === true;
  if (announced.collectionType === 'array') {
    const items = Array.isArray(own?.['array']) ? own['array'].map(String) : (announced.array ?? []);
    return (
      <Field label={label} hint={announced.tooltip ?? 'One a line.'} required={isRequired}>
        <LinesInput items={items} placeholder="" set={(next) => onSet({ array: next })} isReadOnly={false} />
      </Field>
    );
  }
  const value = typeof own?.['string'] === 'string' ? own['string'] : (announced.string ?? '');
  const isMissing = isRequired && value === '';
  return (
    <Field
      label={label}
      hint={announced.tooltip}
      required={isRequired}
      error={isMissing ? 'The plugin needs a value.' : undefined}
    >
      <TextInput mono value={value} onChange={(text) => onSet({ string: text })} />
    </Field>
  );
}
