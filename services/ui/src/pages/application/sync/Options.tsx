/** Sync options as check boxes and choices, grouped; what no row stands for can be taken out by hand. */
import { Button, Checkbox, Field, FieldGroup, Select } from '@/components';
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
  const rest = others(items);
  return (
    <div className={css['options']}>
      {groups.map((group) => (
        <FieldGroup key={group} title={GROUPS[group]}>
          {offered
            .filter((option) => option.group === group)
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
      ))}
      {rest.length > 0 && (
        <FieldGroup title="Others">
          {rest.map((item) => (
            <div key={item} className={css['other']}>
              <code>{item}</code>
              <Button small onClick={() => onChange(items.filter((one) => one !== item))}>
                Remove
              </Button>
            </div>
          ))}
        </FieldGroup>
      )}
    </div>
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
