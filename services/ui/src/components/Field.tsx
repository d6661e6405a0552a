/** A labelled control with its hint and its error, tied together for readers. */
import { createContext, type ReactNode, use, useId } from 'react';
import css from './Field.module.css';

interface Tie {
  id: string;
  describedBy: string | undefined;
  isInvalid: boolean;
  isRequired: boolean;
}

const FieldTie = createContext<Tie | null>(null);

/** What a control inside a `Field` takes over: `<input {...useField(id)} />`. */
export function useField(own: string | undefined): {
  id: string | undefined;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
  'aria-required': true | undefined;
} {
  const tie = use(FieldTie);
  return {
    id: own ?? tie?.id,
    'aria-describedby': tie?.describedBy,
    'aria-invalid': tie?.isInvalid || undefined,
    'aria-required': tie?.isRequired || undefined,
  };
}

export interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  required?: boolean;
  /** Seen by readers only. */
  hideLabel?: boolean;
  /** One control of this kit. */
  children: ReactNode;
}

export function Field({ label, hint, error, required = false, hideLabel = false, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = [hint ? hintId : '', error ? errorId : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div className={css.field}>
      <label htmlFor={id} className={hideLabel ? css.hidden : css.label}>
        {label}
        {required && (
          <span aria-hidden="true" className={css.required}>
            {' '}
            (needed)
          </span>
        )}
      </label>
      <FieldTie value={{ id, describedBy, isInvalid: Boolean(error), isRequired: required }}>{children}</FieldTie>
      {hint && (
        <div id={hintId} className={css.hint}>
          {hint}
        </div>
      )}
      <div id={errorId} className={css.error} aria-live="polite">
        {error}
      </div>
    </div>
  );
}

/** Fields that belong together, under a heading. */
export function FieldGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={css.group}>
      <legend className={css.legend}>{title}</legend>
      {children}
    </fieldset>
  );
}
