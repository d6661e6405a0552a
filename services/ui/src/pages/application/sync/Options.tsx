/** Sync options as check boxes and choices, grouped; what no row stands for can be taken out by hand. */
import { Button, Checkbox, Field, FieldGroup, Inert, Select } from '@/components';
import {
  GROUPS,
  isOn,
  OPTIONS,
  type OptionGroup,
  optionValue,
  others,
  type SyncOption,
  withToggle,
  withValue,
} from './options';
import css from './sync.module.css';

export interface OptionsProps {
  items: readonly string[];
  onChange: (items: string[]) => void;
  /** Only what an operation may carry; else all that a spec may. */
  ofOperation?: boolean;
  /** Why replacing is switched off; "" where it is not. */
  replaceRefusal?: string;
}

export function Options({ items, onChange, ofOperation = false, replaceRefusal = '' }: OptionsProps) {
  const offered = OPTIONS.filter((option) => !ofOperation || option.operation);
  const groups = (Object.keys(GROUPS) as OptionGroup[]).filter((group) =>
    offered.some((option) => option.group === group),
  );
  const folded = groups.filter((group) => group !== 'apply');
  const chosen = offered.filter((option) => option.group !== 'apply' && optionValue(items, option.key) !== '').length;
  const group = (name: OptionGroup) => (
    <FieldGroup key={name} title={GROUPS[name]}>
      {offered
        .filter((option) => option.group === name)
        .map((option) => (
          <One
            key={option.key}
            option={option}
            items={items}
            onChange={onChange}
            refusal={option.key === 'Replace' ? replaceRefusal : ''}
          />
        ))}
    </FieldGroup>
  );
  return (
    <>
      <div className={css['options']}>{group('apply')}</div>
      <details className={css['fold']}>
        <summary>
          More sync options
          {chosen > 0 && <span className={css['count']}> ({chosen} set)</span>}
        </summary>
        <div className={css['options']}>{folded.map(group)}</div>
      </details>
      <Others items={items} onChange={onChange} />
    </>
  );
}

/** Options that no row stands for: kept, and taken out by hand. */
function Others({ items, onChange }: Pick<OptionsProps, 'items' | 'onChange'>) {
  const rest = others(items);
  if (rest.length === 0) return null;
  return (
    <FieldGroup title="Other sync options">
      {rest.map((item) => (
        <div key={item} className={css['other']}>
          <code>
            <Inert text={item} />
          </code>
          <Button small onClick={() => onChange(items.filter((one) => one !== item))}>
            Remove
          </Button>
        </div>
      ))}
    </FieldGroup>
  );
}

interface OneProps {
  option: SyncOption;
  items: readonly string[];
  onChange: (items: string[]) => void;
  refusal: string;
}

function One({ option, items, onChange, refusal }: OneProps) {
  if (option.kind === 'toggle') {
    return (
      <Checkbox
        label={option.label}
        hint={refusal || option.hint}
        checked={isOn(items, option)}
        disabled={refusal !== ''}
        onChange={(on) => onChange(withToggle(items, option, on))}
      />
    );
  }
  return (
    <Field label={option.label} hint={option.hint}>
      <Select
        value={optionValue(items, option.key)}
        options={option.choices}
        onChange={(value) => onChange(withValue(items, option.key, value))}
      />
    </Field>
  );
}
