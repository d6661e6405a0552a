/** How an application syncs by itself, with which options, and how often it tries. */
import { Checkbox, FieldGroup } from '@/components';
import type { Draft } from '@/kubernetes/draft';
import { isAutomated } from '../history/deployments';
import { Fields } from '../parameters/Fields';
import { NAMESPACE_FIELDS } from '../parameters/fields';
import { Options } from '../sync/Options';
import { Retry } from '../sync/Retry';
import { type RetryForm, retryOf, strategyOf } from '../sync/retry';

export interface PolicyFormProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

const POLICY = ['spec', 'syncPolicy'] as const;
const AUTOMATED = [...POLICY, 'automated'] as const;

export function PolicyForm({ draft, onChange }: PolicyFormProps) {
  const isOn = isAutomated(draft.get(['spec']));
  const options = draft.strings([...POLICY, 'syncOptions']);
  const flag = (field: string, label: string, hint: string) => (
    <Checkbox
      label={label}
      hint={hint}
      checked={draft.flag([...AUTOMATED, field])}
      disabled={!isOn}
      onChange={(on) => onChange(setAutomated(draft, field, on))}
    />
  );
  return (
    <>
      <FieldGroup title="Auto-sync">
        <Checkbox
          label="Sync by itself"
          hint="Each commit is deployed as soon as it is there."
          checked={isOn}
          onChange={(on) => onChange(switched(draft, on))}
        />
        {flag('prune', 'Prune', 'What Git no longer has is deleted.')}
        {flag('selfHeal', 'Heal', 'What is changed in the cluster is set back.')}
        {flag('allowEmpty', 'Allow empty', 'Even if that leaves the application without an object.')}
      </FieldGroup>
      <Options items={options} onChange={(items) => onChange(draft.with([...POLICY, 'syncOptions'], items))} />
      {options.includes('CreateNamespace=true') && (
        <Fields
          fields={NAMESPACE_FIELDS}
          draft={draft}
          base={[...POLICY, 'managedNamespaceMetadata']}
          keep={1}
          onChange={onChange}
        />
      )}
      <Retry form={retryOf(draft.get([...POLICY, 'retry']))} onChange={(form) => onChange(withRetry(draft, form))} />
    </>
  );
}

/** Off keeps what else the block says, so that switching it on again is the same as before. */
export function switched(draft: Draft, on: boolean): Draft {
  const block = draft.map(AUTOMATED);
  if (on) {
    const { enabled: _enabled, ...rest } = block;
    return draft.exactly(AUTOMATED, rest);
  }
  return Object.keys(block).some((field) => field !== 'enabled')
    ? draft.exactly([...AUTOMATED, 'enabled'], false)
    : draft.with(AUTOMATED, undefined);
}

function setAutomated(draft: Draft, field: string, on: boolean): Draft {
  return draft.with([...AUTOMATED, field], on, AUTOMATED.length);
}

/** A number that is not one yet is kept as it is typed; the server says that it is none. */
function withRetry(draft: Draft, form: RetryForm): Draft {
  const strategy = strategyOf(form);
  if (!strategy) return draft.with([...POLICY, 'retry'], undefined);
  const number = (text: string) => (/^-?\d+$/.test(text.trim()) ? Number(text) : text);
  return draft.with([...POLICY, 'retry'], {
    ...strategy,
    limit: number(form.limit),
    backoff: { ...strategy.backoff, factor: number(form.factor) },
  });
}
