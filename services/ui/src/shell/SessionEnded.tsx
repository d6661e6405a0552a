/** A session that ended while a page is open: the page stays, and goes on after a new login. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { get, ownPath, session, type UserInfo, useSession } from '@/api';
import { Dialog } from '@/components';
import { LoginForm } from './LoginForm';
import { useSettings, useUser } from './settings';

export function SessionEnded() {
  const state = useSession();
  const user = useUser();
  const before = useRef('');
  if (user?.username) before.current = user.username;
  return state === 'ended' ? <Ask name={before.current} /> : null;
}

function Ask({ name }: { name: string }) {
  const settings = useSettings();
  const queries = useQueryClient();
  const goOn = useCallback(async () => {
    const user = await get<UserInfo>('/api/v1/session/userinfo');
    if (!user.loggedIn) return;
    if (name && user.username !== name) {
      window.location.reload();
      return;
    }
    session.opened();
    await queries.invalidateQueries();
  }, [name, queries]);
  useEffect(() => {
    const look = () => void goOn().catch(() => undefined);
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, [goOn]);
  return (
    <Dialog title="Your session has ended">
      <p>Log in again to go on. What is on the page stays, but is no longer kept up to date.</p>
      <LoginForm settings={settings} back={here()} name={name} onDone={() => void goOn()} />
    </Dialog>
  );
}

/** The path below the base that is looked at. */
export function here(): string {
  return ownPath(window.location.href) ?? '/';
}
