/** Signature policies of a project as a form, and what is wrong with one before it is sent. */

import { textsOf } from '../../settings/rows';
import type { Policy, ProjectSpec, SourceIntegrity } from '../model';

export type Mode = 'none' | 'head' | 'strict';

export const MODES: readonly { readonly value: Mode; readonly label: string; readonly words: string }[] = [
  { value: 'none', label: 'Nothing', words: 'Nothing has to be signed.' },
  { value: 'head', label: 'What is deployed', words: 'The commit that is deployed, or its annotated tag.' },
  {
    value: 'strict',
    label: 'All that led to it',
    words: 'That commit, all before it up to a seal, and the annotated tag.',
  },
];

export interface PolicyForm {
  readonly repos: readonly string[];
  readonly mode: Mode;
  readonly keys: readonly string[];
}

export const EMPTY: PolicyForm = { repos: [''], mode: 'head', keys: [''] };

export function policiesOf(spec: ProjectSpec): readonly Policy[] {
  return spec.sourceIntegrity?.git?.policies ?? [];
}

export function formsOf(spec: ProjectSpec): PolicyForm[] {
  return policiesOf(spec).map((policy) => ({
    repos: (policy.repos ?? []).map(({ url }) => url ?? ''),
    mode: MODES.find(({ value }) => value === policy.gpg?.mode)?.value ?? 'none',
    keys: policy.gpg?.keys ?? [],
  }));
}

/** The field of the specification; absent where no policy is left. */
export function integrityOf(forms: readonly PolicyForm[]): SourceIntegrity | undefined {
  if (forms.length === 0) return undefined;
  const policies = forms.map(({ repos, mode, keys }) => ({
    repos: filled(repos).map((url) => ({ url })),
    gpg: { mode, keys: filled(keys) },
  }));
  return { git: { policies } };
}

function filled(texts: readonly string[]): string[] {
  return textsOf(
    texts.map((text) => ({ text })),
    'text',
  );
}

const KEY = /^([0-9A-Fa-f]{16}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|SHA256:[A-Za-z0-9+/=]{20,}|(ssh|cosign)\.[\w.-]+)$/;

/** What makes a policy deploy nothing, or guard nothing, by part; nothing where it does what it says. */
export function problemsOf(form: PolicyForm, others: readonly PolicyForm[]): { repos?: string; keys?: string } {
  const repos = filled(form.repos);
  const keys = filled(form.keys);
  const doubled = repos.find((url) => others.some((other) => filled(other.repos).includes(url)));
  const odd = keys.find((key) => !KEY.test(key));
  return {
    ...(repos.length === 0 ? { repos: 'Without a repository it is for none.' } : {}),
    ...(repos.length > 0 && repos.every((url) => url.startsWith('!'))
      ? { repos: 'It only takes repositories out; name those that it is for.' }
      : {}),
    ...(doubled ? { repos: `Another policy is for ${doubled} too: then nothing of it is deployed.` } : {}),
    ...(odd ? { keys: `${odd} is no key: 16 or 40 hex digits, SHA256:…, ssh.name or cosign.name.` } : {}),
    ...(form.mode !== 'none' && keys.length === 0 ? { keys: 'Without a key nothing counts as signed.' } : {}),
  };
}

/** Keys that are named and that nobody added to the server. */
export function unknownKeys(form: PolicyForm, known: readonly Known[]): readonly string[] {
  return filled(form.keys).filter((key) => !known.some((one) => isOf(one, key)));
}

export interface Known {
  readonly keyID: string;
  readonly fingerprint?: string;
  readonly owner?: string;
}

/** Subkeys are not told by the server: what is no id that it told may be one. */
function isOf({ keyID, fingerprint = '' }: Known, key: string): boolean {
  const bare = key.toUpperCase();
  return keyID.toUpperCase() === bare || fingerprint.toUpperCase() === bare || fingerprint === key;
}
