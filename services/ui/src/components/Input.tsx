/** The controls of forms. Inside a `Field` each takes its label, hint and error. Their `onChange` tells the value itself. */
import type { InputHTMLAttributes, Ref, SelectHTMLAttributes, TextareaHTMLAttributes } from 'react';
import { useId } from 'react';
import { classes } from './classes';
import { useField } from './Field';
import css from './Input.module.css';

type Without<T> = Omit<T, 'onChange' | 'value' | 'className' | 'style'>;

export interface TextInputProps extends Omit<Without<InputHTMLAttributes<HTMLInputElement>>, 'list'> {
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
  /** Values that the browser offers; a `Combobox` offers more. */
  list?: readonly string[];
  ref?: Ref<HTMLInputElement> | undefined;
}

export function TextInput({ value, onChange, mono = false, type = 'text', list, ...rest }: TextInputProps) {
  const tie = useField(rest.id);
  const offers = useId();
  return (
    <>
      <input
        spellCheck={false}
        autoComplete="off"
        {...tie}
        {...rest}
        list={list && offers}
        type={type}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={classes(css.control, mono && css.mono)}
      />
      {list && (
        <datalist id={offers}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  );
}

export interface TextAreaProps extends Without<TextareaHTMLAttributes<HTMLTextAreaElement>> {
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
}

export function TextArea({ value, onChange, mono = false, rows = 5, ...rest }: TextAreaProps) {
  const tie = useField(rest.id);
  return (
    <textarea
      spellCheck={false}
      {...tie}
      {...rest}
      rows={rows}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={classes(css.control, css.area, mono && css.mono)}
    />
  );
}

export interface Option {
  value: string;
  /** What is shown; the value itself where there is none. */
  label?: string;
  hint?: string;
  disabled?: boolean;
}

export interface SelectProps extends Without<SelectHTMLAttributes<HTMLSelectElement>> {
  value: string;
  onChange: (value: string) => void;
  options: readonly (Option | string)[];
  /** Offered as "nothing chosen". */
  placeholder?: string;
}

export function Select({ value, onChange, options, placeholder, ...rest }: SelectProps) {
  const tie = useField(rest.id);
  return (
    <select
      {...tie}
      {...rest}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={classes(css.control, css.select)}
    >
      {placeholder !== undefined && <option value="">{placeholder}</option>}
      {options.map((option) => {
        const { value, label, disabled } =
          typeof option === 'string' ? { value: option, label: option, disabled: false } : option;
        return (
          <option key={value} value={value} disabled={disabled ?? false}>
            {label ?? value}
          </option>
        );
      })}
    </select>
  );
}

export interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string;
  disabled?: boolean;
  /** Neither all nor none of what it stands for. */
  partly?: boolean;
  /** The label is for readers only. */
  hideLabel?: boolean;
}

export function Checkbox({
  label,
  checked,
  onChange,
  hint,
  disabled = false,
  partly = false,
  hideLabel = false,
}: CheckProps) {
  const id = useId();
  return (
    <div className={css.check}>
      <input
        id={id}
        type="checkbox"
        className={css.box}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        ref={(element) => {
          if (element) element.indeterminate = partly && !checked;
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id} className={hideLabel ? css.hidden : css.words}>
        {label}
      </label>
      {hint && (
        <div id={`${id}-hint`} className={css.hint}>
          {hint}
        </div>
      )}
    </div>
  );
}

/** For what takes effect at once; in forms that are sent take a `Checkbox`. */
export function Switch({
  label,
  checked,
  onChange,
  hint,
  disabled = false,
  hideLabel = false,
}: Omit<CheckProps, 'partly'>) {
  const id = useId();
  return (
    <div className={css.check}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        className={css.switch}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id} className={hideLabel ? css.hidden : css.words}>
        {label}
      </label>
      {hint && (
        <div id={`${id}-hint`} className={css.hint}>
          {hint}
        </div>
      )}
    </div>
  );
}

export interface RadioGroupProps {
  legend: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly Option[];
  /** Side by side, as one control. */
  joined?: boolean;
  hideLegend?: boolean;
}

export function RadioGroup({ legend, value, onChange, options, joined = false, hideLegend = false }: RadioGroupProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className={hideLegend ? css.hidden : css.legend}>{legend}</legend>
      <div className={joined ? css.joined : css.radios}>
        {options.map((option) => (
          <label key={option.value} className={joined ? css.segment : css.radio}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              disabled={option.disabled ?? false}
              onChange={() => onChange(option.value)}
              className={joined ? css.hidden : css.box}
            />
            <span>{option.label ?? option.value}</span>
            {option.hint && <span className={css.hint}>{option.hint}</span>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
