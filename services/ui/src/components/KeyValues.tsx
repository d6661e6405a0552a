/** Pairs of a key and a value that can be added, changed and taken out: labels, parameters, environments. */
import { Button, IconButton } from './Button';
import { TextInput } from './Input';
import css from './KeyValues.module.css';

export interface KeyValue {
  key: string;
  value: string;
}

export interface KeyValuesProps {
  /** What they are, for readers: `Labels`. */
  label: string;
  pairs: readonly KeyValue[];
  onChange: (pairs: KeyValue[]) => void;
  keyLabel?: string;
  valueLabel?: string;
  /** Words on a pair that cannot stay so. */
  problem?: (pair: KeyValue) => string | null;
  disabled?: boolean;
}

export function KeyValues({
  label,
  pairs,
  onChange,
  keyLabel = 'Key',
  valueLabel = 'Value',
  problem,
  disabled = false,
}: KeyValuesProps) {
  const set = (index: number, change: Partial<KeyValue>) =>
    onChange(pairs.map((pair, at) => (at === index ? { ...pair, ...change } : pair)));
  return (
    <fieldset className={css.pairs} disabled={disabled}>
      <legend className={css.legend}>{label}</legend>
      {pairs.map((pair, index) => {
        const words = problem?.(pair);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a pair has no identity but its place; its key is being typed.
          <div key={index} className={css.pair}>
            <TextInput
              aria-label={`${keyLabel} ${index + 1}`}
              placeholder={keyLabel}
              mono
              value={pair.key}
              onChange={(key) => set(index, { key })}
            />
            <TextInput
              aria-label={`${valueLabel} ${index + 1}`}
              placeholder={valueLabel}
              mono
              value={pair.value}
              onChange={(value) => set(index, { value })}
            />
            <IconButton
              icon="trash"
              label={`Remove ${pair.key || `row ${index + 1}`}`}
              onClick={() => onChange(pairs.filter((_, at) => at !== index))}
            />
            {words && <div className={css.problem}>{words}</div>}
          </div>
        );
      })}
      <div>
        <Button icon="add" small onClick={() => onChange([...pairs, { key: '', value: '' }])}>
          Add
        </Button>
      </div>
    </fieldset>
  );
}
