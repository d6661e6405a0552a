/** A plugin: the parameters that it announces, and the fields that every plugin has. */

import type { ParameterAnnouncement } from '@/api/schema';
import { Field, KeyValues, TextArea, TextInput } from '@/components';
import { isRecord } from '@/kubernetes/draft';
import { Fields } from './Fields';
import { itemsOf, linesOf, PLUGIN_FIELDS } from './fields';
import type { ToolFormProps } from './HelmForm';

type Parameter = Record<string, unknown>;

export function PluginForm({ draft, path, onChange, details, errorAt }: ToolFormProps) {
  const base = [...path, 'plugin'];
  const announced = details?.plugin?.parametersAnnouncement ?? [];
  const own = draft.list([...base, 'parameters']).filter(isRecord);
  const set = (name: string, part: Parameter) => {
    const rest = own.filter((one) => one['name'] !== name);
    onChange(draft.with([...base, 'parameters'], [...rest, { name, ...part }], path.length));
  };
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
        onChange={onChange}
        {...(errorAt ? { errorAt } : {})}
      />
    </>
  );
}

interface AnnouncedProps {
  announced: ParameterAnnouncement;
  own: Parameter | undefined;
  onSet: (part: Parameter) => void;
}

function Announced({ announced, own, onSet }: AnnouncedProps) {
  const label = announced.title || announced.name || '';
  if (announced.collectionType === 'map') {
    const map = isRecord(own?.['map']) ? own['map'] : (announced.map ?? {});
    const pairs = Object.entries(map).map(([key, value]) => ({ key, value: String(value) }));
    return (
      <KeyValues
        label={label}
        pairs={pairs}
        onChange={(next) => onSet({ map: Object.fromEntries(next.map((pair) => [pair.key, pair.value])) })}
      />
    );
  }
  if (announced.collectionType === 'array') {
    const items = Array.isArray(own?.['array']) ? own['array'].map(String) : (announced.array ?? []);
    return (
      <Field label={label} hint={announced.tooltip ?? 'One a line.'}>
        <TextArea mono value={linesOf(items)} onChange={(text) => onSet({ array: itemsOf(text) })} />
      </Field>
    );
  }
  const value = typeof own?.['string'] === 'string' ? own['string'] : (announced.string ?? '');
  return (
    <Field label={label} hint={announced.tooltip} required={announced.required === true}>
      <TextInput mono value={value} onChange={(text) => onSet({ string: text })} />
    </Field>
  );
}
