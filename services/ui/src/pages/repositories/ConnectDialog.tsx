/**
 * A repository or credential template as a form: the way it is reached first, then what that needs.
 *
 * Secrets go to the server and never come back: changing one that there is asks for them anew.
 */
import { useState } from 'react';
import { useCanEach } from '@/api/can';
import { get, post, put } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useGet, useSend } from '@/api/query';
import { Button, Checkbox, Combobox, Field, Overtaken, Select, TextArea, TextInput } from '@/components';
import type { JsonObject } from '@/kubernetes/json';
import { OvertakenFieldsError, reconciled } from '@/kubernetes/overtaken';
import { FormDialog } from '../settings/FormDialog';
import { type Places, placed, said } from '../settings/refusal';
import { FIELDS, type FieldSpec, isSecret, type Name } from './fields';
import { bodyOf, keptOf, problemsOf, type Value, type Values, valuesOf } from './form';
import { type Declared, fieldsOf, isKindId, KIND_IDS, KINDS, type KindId, kindOf, ownOf } from './kinds';
import { objectOf, pathOf, type Store } from './store';

/** Which field the words of a refusal are about. */
const PLACES: Places<Name> = [
  [/tlsClientCert/i, 'tlsClientCertKey'],
  [/githubAppID/i, 'githubAppID'],
  [/githubAppPrivateKey/i, 'githubAppPrivateKey'],
  [/sshPrivateKey|private key|passphrase/i, 'sshPrivateKey'],
  [/gcpServiceAccountKey/i, 'gcpServiceAccountKey'],
  [/proxy/i, 'proxy'],
  [/authentication required|401|unauthorized/i, 'password'],
  [/already exists|spec is different|repository not found|no such host|address|must specify URL/i, 'repo'],
];

interface Props {
  readonly store: Store;
  /** One that there is; null for a new one. */
  readonly declared: Declared | null;
  readonly onClose: () => void;
}

type Tried = 'untried' | 'ok';

const NOBODY_ASKED = { refusal: '' };

export function ConnectDialog({ store, declared: newest, onClose }: Props) {
  const [declared] = useState(newest);
  const [kind, setKind] = useState<KindId>(declared === null ? 'https' : kindOf(ownOf(declared)));
  const [values, setValues] = useState<Values>(() => (declared === null ? {} : valuesOf(ownOf(declared))));
  const [tried, setTried] = useState<Tried>('untried');
  const [wasPressed, setPressed] = useState(false);
  const kept = declared === null ? {} : keptOf(kind, ownOf(declared), store.isTemplate);
  const body = { ...kept, ...bodyOf(kind, values, store.isTemplate) };
  const object = objectOf({ repo: text(values.repo), project: text(values.project) });
  const [mayTry = NOBODY_ASKED, maySave = NOBODY_ASKED] = useCanEach([
    { resource: store.resource, action: 'create', object: object || null },
    { resource: store.resource, action: 'update', object: declared === null ? null : object },
  ]);
  const save = useSend(
    (goesOver: boolean) =>
      declared === null ? post(store.path, body) : replaced(store, declared, kind, values, goesOver),
    { invalidates: [store.path], onDone: onClose },
  );
  const overtaken = save.error instanceof OvertakenFieldsError ? save.error : null;
  const test = useSend(() => post(`${pathOf(store, String(body.repo))}/validate`, body), {
    onDone: () => setTried('ok'),
  });
  const problems = problemsOf(kind, values, store.isTemplate);
  const error = overtaken ? null : (save.error ?? test.error);
  const found = error === null ? null : placed(wordsOf(error), PLACES);
  const { credentials, options } = fieldsOf(kind, store.isTemplate);
  const isShown = (name: Name) => name === 'repo' || credentials.includes(name) || options.includes(name);
  const refused = found !== null && found.field !== null && !isShown(found.field) ? { ...found, field: null } : found;
  const set = (name: Name, value: Value) => {
    setValues({ ...values, [name]: value });
    setTried('untried');
    save.reset();
    test.reset();
  };
  const act = (go: () => void) => {
    setPressed(true);
    if (Object.keys(problems).length === 0) go();
  };
  const wrongOf = (name: Name) => {
    const typed = values[name] !== undefined && values[name] !== '';
    return said(refused, name) ?? (wasPressed || typed ? problems[name] : undefined);
  };
  const input = (name: Name) => (
    <Input
      key={name}
      name={name}
      spec={FIELDS[name]}
      value={values[name]}
      error={wrongOf(name)}
      onChange={(value) => set(name, value)}
      isRequired={KINDS[kind].required.includes(name)}
    />
  );
  const nouns = store.isTemplate ? 'credential template' : 'repository';
  return (
    <FormDialog
      title={declared === null ? `New ${nouns}` : `Change ${nouns}`}
      action={declared === null ? 'Connect' : 'Save'}
      busy={save.isPending}
      refused={declared === null ? mayTry.refusal : maySave.refusal}
      refusal={refused}
      extra={
        !store.isTemplate && (
          <Button busy={test.isPending} refused={mayTry.refusal} onClick={() => act(() => test.mutate(undefined))}>
            Test connection
          </Button>
        )
      }
      onSubmit={() => act(() => save.mutate(false))}
      onClose={onClose}
    >
      {declared !== null && (
        <p role="note">
          What is secret is never shown. Type it anew: what is left empty here is taken away
          {store.isTemplate ? '.' : ', and a template’s credentials count where there is one.'}
        </p>
      )}
      <Field label="Reached by">
        <Select
          value={kind}
          onChange={(value) => isKindId(value) && setKind(value)}
          options={KIND_IDS.map((id) => ({ value: id, label: KINDS[id].label }))}
        />
      </Field>
      <Field
        label={store.isTemplate ? 'URL prefix' : FIELDS.repo.label}
        hint={store.isTemplate ? 'For every repository of this host whose address begins so' : undefined}
        error={wrongOf('repo')}
        required
      >
        <TextInput
          value={String(values.repo ?? '')}
          onChange={(value) => set('repo', value)}
          placeholder={KINDS[kind].placeholder}
          type="text"
          inputMode="url"
          readOnly={declared !== null}
          mono
        />
      </Field>
      {!store.isTemplate && input('name')}
      {!store.isTemplate && (
        <ProjectField
          value={String(values.project ?? '')}
          onChange={(value) => set('project', value)}
          isFixed={declared !== null}
        />
      )}
      {credentials.length > 0 && <h3>Credentials</h3>}
      {kind === 'azure-identity' && (
        <p>The repo-server’s pod is who we are: only hosts of Azure are shown its tokens.</p>
      )}
      {credentials.map(input)}
      <details open={options.some((name) => values[name])}>
        <summary>Options</summary>
        {options.map(input)}
      </details>
      {overtaken && (
        <Overtaken
          what={`The ${nouns}`}
          who=""
          differences={overtaken.differences}
          onKeep={() => save.mutate(true)}
          onTake={onClose}
        />
      )}
      <p aria-live="polite">{tried === 'ok' && 'It can be read with these credentials.'}</p>
    </FormDialog>
  );
}

/** The one that is there with the form's fields, as long as nobody else changed the same ones. */
async function replaced(store: Store, before: Declared, kind: KindId, values: Values, goesOver: boolean) {
  const { items } = await get<{ items?: readonly Declared[] | null }>(store.path);
  const address = (one: Declared) => `${one.repo ?? one.url ?? ''} ${one.project ?? ''}`;
  const now = items?.find((one) => address(one) === address(before)) ?? before;
  const secret = Object.fromEntries(Object.entries(values).filter(([name]) => isSecret(name as Name)));
  const open = Object.fromEntries(Object.entries(values).filter(([name]) => !isSecret(name as Name)));
  const made = reconciled(json(valuesOf(ownOf(before))), json(open), json(valuesOf(ownOf(now))), goesOver);
  const kept = keptOf(kind, ownOf(now), store.isTemplate);
  const body = { ...kept, ...bodyOf(kind, { ...(made as Values), ...secret }, store.isTemplate) };
  return put(pathOf(store, String(values.repo ?? '')), body);
}

/** What is switched off or empty is as if it was not there. */
function json(values: Values): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== false));
}

interface InputProps {
  readonly name: Name;
  readonly spec: FieldSpec;
  readonly value: Value | undefined;
  readonly error: string | undefined;
  readonly isRequired: boolean;
  readonly onChange: (value: Value) => void;
}

function Input({ name, spec, value, error, isRequired, onChange }: InputProps) {
  const { label, hint, as } = spec;
  if (as === 'switch')
    return <Checkbox label={label} checked={value === true} onChange={onChange} {...(hint ? { hint } : {})} />;
  const text = typeof value === 'string' ? value : '';
  return (
    <Field label={label} hint={hint} error={error} required={isRequired}>
      {as === 'key' ? (
        <TextArea value={text} onChange={onChange} rows={5} autoComplete="off" mono />
      ) : (
        <TextInput
          value={text}
          onChange={onChange}
          type={as === 'secret' ? 'password' : 'text'}
          inputMode={as === 'number' ? 'numeric' : undefined}
          autoComplete={as === 'secret' ? 'new-password' : 'off'}
          name={`repository-${name}`}
        />
      )}
    </Field>
  );
}

interface ProjectProps {
  readonly value: string;
  readonly isFixed: boolean;
  readonly onChange: (value: string) => void;
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value.trim() : '';
}

function ProjectField({ value, isFixed, onChange }: ProjectProps) {
  const { data } = useGet<{ items?: readonly { metadata: { name: string } }[] | null }>('/api/v1/projects', {
    fields: 'items.metadata.name',
  });
  return (
    <Field label={FIELDS.project.label} hint={FIELDS.project.hint}>
      <Combobox
        value={value}
        onChange={onChange}
        disabled={isFixed}
        options={(data?.items ?? []).map(({ metadata }) => metadata.name)}
      />
    </Field>
  );
}
