/** The reader's own page: who they are here, what they may do, how they leave. */
import { type FormEvent, useState } from 'react';
import { get } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useGet, useSend } from '@/api/query';
import { Button, classes, Failed, Field, Loading, Page, Select, Text, TextInput } from '@/components';
import { AccountTokens } from '../accounts/AccountTokens';
import { type Account, may, pathOf } from '../accounts/model';
import { PasswordForm } from '../accounts/PasswordForm';
import styles from '../settings/Card.module.css';
import form from '../settings/Form.module.css';
import { Rights } from './Rights';

interface Who {
  readonly loggedIn?: boolean;
  readonly username?: string;
  readonly iss?: string;
  readonly groups?: readonly string[] | null;
}

export function UserPage() {
  const { data, error, refetch } = useGet<Who>('/api/v1/session/userinfo');
  return (
    <Page title="User">
      {error !== null && data === undefined && <Failed error={error} what="Who you are" retry={() => refetch()} />}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && <Content who={data} />}
    </Page>
  );
}

function Content({ who }: { who: Who }) {
  const isLocal = who.iss === 'argocd';
  return (
    <>
      <section className={styles.card} aria-label="You">
        <h2>You</h2>
        {who.loggedIn ? (
          <dl className={styles.facts}>
            <dt>Name</dt>
            <dd>
              <Text value={who.username ?? ''} />
            </dd>
            <dt>Known by</dt>
            <dd>{isLocal ? 'A local account' : <Text value={who.iss ?? ''} />}</dd>
            <dt>Groups</dt>
            <dd>
              <Text value={(who.groups ?? []).join(', ') || 'None'} />
            </dd>
          </dl>
        ) : (
          <p>You are not logged in: you see what everybody sees.</p>
        )}
      </section>
      <section className={styles.card} aria-label="Your rights">
        <h2>Your rights</h2>
        <Rights />
      </section>
      <CanI />
      {who.loggedIn && (
        <section className={styles.card} aria-label="Sessions">
          <h2>Sessions</h2>
          <p>Logging out (in the menu with your name) ends this session, everywhere it was copied to.</p>
          <p>
            {isLocal
              ? 'Changing your password below ends all your other sessions, too, on every device.'
              : 'Your other sessions end when your identity provider ends them, or with their time.'}
          </p>
        </section>
      )}
      {isLocal && who.username && <OwnAccount name={who.username} />}
    </>
  );
}

/** The account that the reader is; a token of a project's role is none. */
function OwnAccount({ name }: { name: string }) {
  const { data: account } = useGet<Account>(name.startsWith('proj:') ? null : pathOf(name));
  if (account === undefined) return null;
  return (
    <>
      <AccountTokens account={account} />
      {may(account, 'login') && (
        <section className={styles.card} aria-label="Password">
          <h2>Password</h2>
          <PasswordForm account={name} refusal="" />
        </section>
      )}
    </>
  );
}

const RESOURCES = [
  'applications',
  'applicationsets',
  'projects',
  'clusters',
  'repositories',
  'write-repositories',
  'certificates',
  'accounts',
  'gpgkeys',
  'logs',
  'exec',
  'extensions',
];
const ACTIONS = ['get', 'create', 'update', 'delete', 'sync', 'rollback', 'override', 'action', 'invoke'];

/** The question to the policies that everything else on the pages asks by itself. */
function CanI() {
  const [resource, setResource] = useState('applications');
  const [action, setAction] = useState('sync');
  const [object, setObject] = useState('*/*');
  const ask = useSend((path: string) => get<{ value: string }>(path));
  const answer = ask.data?.value;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate(`/api/v1/account/can-i/${resource}/${encodeURIComponent(action)}/${encodeURIComponent(object.trim())}`);
  };
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    ask.reset();
  };
  return (
    <section className={styles.card} aria-label="What you may do">
      <h2>What you may do</h2>
      <form onSubmit={submit} className={classes(form.form, form.narrow)}>
        <Field label="Action">
          <Select value={action} onChange={change(setAction)} options={ACTIONS} />
        </Field>
        <Field label="Resource">
          <Select value={resource} onChange={change(setResource)} options={RESOURCES} />
        </Field>
        <Field label="Object" hint="As policies name it: project/application, a project, a server, a URL">
          <TextInput value={object} onChange={change(setObject)} mono />
        </Field>
        <Button type="submit" busy={ask.isPending}>
          May I?
        </Button>
      </form>
      <p aria-live="polite">
        {answer === 'yes' && `Yes, you may ${action} ${resource} ${object}.`}
        {answer === 'no' && `No, you may not ${action} ${resource} ${object}.`}
      </p>
      {ask.error !== null && <p role="alert">{wordsOf(ask.error)}</p>}
    </section>
  );
}
