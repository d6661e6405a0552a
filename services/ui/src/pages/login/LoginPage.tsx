/** Logging in, for whoever comes without a session. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ownPath, type Settings, session, useGet } from '@/api';
import { Failed, Loading, useTitle } from '@/components';
import { useFields, useGo } from '@/routing';
import { CustomStyle } from '@/shell/CustomStyle';
import { LoginForm } from '@/shell/LoginForm';
import { useUser } from '@/shell/settings';
import css from './LoginPage.module.css';

const HOME = '/applications';

/** Where to go after: the path asked for if it is one of ours, and not this page again. */
export function destination(asked: string | null): string {
  const path = asked ? ownPath(asked) : null;
  return path === null || path === '/' || /^\/login(?![^/?#])/.test(path) ? HOME : path;
}

/** Why an identity provider lets nobody in, of which an address names one: no words of an address are shown. */
const SSO_REASONS: ReadonlyMap<string, string> = new Map([
  ['access_denied', 'it denied you access'],
  ['account_selection_required', 'an account has to be chosen there first'],
  ['consent_required', 'it needs your consent'],
  ['failed', 'what it answered was no login that was begun here, or could not be verified'],
  ['interaction_required', 'it has a question for you first'],
  ['invalid_request', 'it does not understand how it was asked'],
  ['invalid_scope', 'it does not know what it was asked for (requestedScopes)'],
  ['login_required', 'you are not logged in there'],
  ['server_error', 'it failed'],
  ['temporarily_unavailable', 'it is overloaded or being maintained'],
  ['unauthorized_client', 'it does not let this server ask (clientID)'],
  ['unreachable', 'it cannot be reached'],
]);

export function ssoReason(named: string | null): string {
  const reason = SSO_REASONS.get(named ?? '');
  return reason ? `: ${reason}` : '';
}

export default function LoginPage() {
  const [fields] = useFields();
  const go = useGo();
  const queries = useQueryClient();
  const settings = useGet<Settings>('/api/v1/settings');
  const user = useUser();
  const back = destination(fields.get('return_url'));
  const isIn = user?.loggedIn === true;
  useTitle('Log in');
  useEffect(() => {
    if (isIn) go(back, { replace: true });
  }, [isIn, back, go]);
  const done = () => {
    session.opened();
    queries.clear();
    go(back, { replace: true });
  };
  return (
    <main className={css.page}>
      <CustomStyle url={settings.data?.uiCssURL} />
      <div className={css.card}>
        <div className={css.brand}>
          <h1>Fairlead</h1>
          <p className={css.muted}>Log in to see and deploy your applications.</p>
        </div>
        {fields.get('has_sso_error') === 'true' && (
          <p role="alert" className={css.error}>
            The identity provider did not log you in{ssoReason(fields.get('sso_error'))}. Try again, or ask an
            administrator: the API server's log says more.
          </p>
        )}
        {settings.data && <LoginForm settings={settings.data} back={back} onDone={done} />}
        {settings.isPending && <Loading lines={3} />}
        {settings.error && !settings.data && (
          <Failed what="The login" error={settings.error} retry={() => void settings.refetch()} />
        )}
      </div>
    </main>
  );
}
