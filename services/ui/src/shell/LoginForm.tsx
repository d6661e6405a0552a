/** Name and password, or the way to the identity provider: on the login page, and where a session ended. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, post, type Settings, sessionReplaced, wordsOf } from '@/api';
import { Button, Field, Inert, TextInput } from '@/components';
import css from './LoginForm.module.css';
import { ssoAddress, ssoLabel } from './sso';

export interface LoginFormProps {
  settings: Settings;
  /** The path to come back to. */
  back: string;
  onDone: () => void;
  /** Offered at first. */
  name?: string;
}

export function LoginForm({ settings, back, onDone, name = '' }: LoginFormProps) {
  const [username, setUsername] = useState(name);
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const sso = ssoLabel(settings);
  useEffect(() => {
    form.current?.querySelector<HTMLInputElement>(name ? '[name=password]' : '[name=username]')?.focus();
  }, [name]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setError('');
    try {
      await post('/api/v1/session', { username, password });
      sessionReplaced();
      onDone();
    } catch (failure) {
      setError(refusalOf(failure));
      setBusy(false);
    }
  };
  return (
    <div className={css.ways}>
      {sso && (
        <a className={css.sso} href={ssoAddress(back)}>
          <Inert text={sso} />
        </a>
      )}
      {sso && !settings.userLoginsDisabled && <div className={css.or}>or</div>}
      {!settings.userLoginsDisabled && (
        <form ref={form} className={css.form} onSubmit={submit}>
          <Field label="User name">
            <TextInput
              value={username}
              onChange={setUsername}
              name="username"
              autoComplete="username"
              required
              autoCapitalize="none"
            />
          </Field>
          <Field label="Password">
            <TextInput
              value={password}
              onChange={setPassword}
              name="password"
              type="password"
              autoComplete="current-password"
              required
            />
          </Field>
          <div role="alert" className={css.error}>
            {error}
          </div>
          <Button kind={sso ? 'plain' : 'primary'} type="submit" busy={isBusy}>
            Log in
          </Button>
        </form>
      )}
      {settings.userLoginsDisabled && !sso && (
        <p>No way to log in is switched on. An administrator can do so in argocd-cm.</p>
      )}
    </div>
  );
}

function refusalOf(failure: unknown): string {
  if (failure instanceof ApiError && failure.isUnreachable)
    return 'The server cannot be reached. Try again in a moment.';
  return wordsOf(failure);
}
