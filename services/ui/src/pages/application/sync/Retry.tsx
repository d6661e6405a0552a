/** Whether what fails is tried again, how often and after how long. */
import { Checkbox, Field, TextInput } from '@/components';
import { type RetryForm, retryErrors } from './retry';
import css from './sync.module.css';

export function Retry({ form, onChange }: { form: RetryForm; onChange: (form: RetryForm) => void }) {
  const errors = retryErrors(form);
  const text = (field: 'limit' | 'duration' | 'factor' | 'maxDuration', label: string) => (
    <Field label={label} error={errors[field]}>
      <TextInput value={form[field]} onChange={(value) => onChange({ ...form, [field]: value })} />
    </Field>
  );
  return (
    <div className={css['retry']}>
      <Checkbox label="Retry when it fails" checked={form.on} onChange={(on) => onChange({ ...form, on })} />
      {form.on && (
        <div className={css['retryfields']}>
          {text('limit', 'Attempts')}
          {text('duration', 'First pause')}
          {text('factor', 'Factor')}
          {text('maxDuration', 'Longest pause')}
          <Checkbox
            label="With the newest commit"
            hint="Otherwise each attempt takes the commit of the first."
            checked={form.refresh}
            onChange={(refresh) => onChange({ ...form, refresh })}
          />
        </div>
      )}
    </div>
  );
}
