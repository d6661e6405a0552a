/** What every page may ask about the server and its reader. */
import { useEffect } from 'react';
import { type Settings, session, type UserInfo, useGet, useSession } from '@/api';

const RARELY = 5 * 60_000;

export function useSettings(): Settings {
  return useGet<Settings>('/api/v1/settings', undefined, { staleTime: RARELY }).data ?? {};
}

export function useUser(): UserInfo | undefined {
  const { data } = useGet<UserInfo>('/api/v1/session/userinfo', undefined, { staleTime: RARELY });
  const isIn = data?.loggedIn === true;
  useEffect(() => {
    if (isIn && session.state === 'unknown') session.opened();
  }, [isIn]);
  return data;
}

/**
 * Keep the reader known: asked anew whenever the session changes, and where nobody is logged in, find out by a question that
 * needs somebody whether the server takes strangers.
 */
export function useKnownReader(): void {
  const state = useSession();
  const { data, refetch } = useGet<UserInfo>('/api/v1/session/userinfo', undefined, { staleTime: RARELY });
  const isStrange = data !== undefined && !data.loggedIn && state === 'unknown';
  useGet(isStrange ? '/api/v1/account/can-i/applications/get/*' : null);
  useEffect(() => {
    if (state === 'open') void refetch();
  }, [state, refetch]);
}
