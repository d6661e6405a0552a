/** Local accounts as the API tells them. */

export interface Account {
  readonly name: string;
  readonly enabled?: boolean;
  readonly capabilities?: readonly string[] | null;
  readonly tokens?:
    | readonly { readonly id?: string; readonly issuedAt?: number | string; readonly expiresAt?: number | string }[]
    | null;
}

export const ACCOUNTS = '/api/v1/account';

export function pathOf(name: string, below = ''): string {
  return `${ACCOUNTS}/${encodeURIComponent(name)}${below}`;
}

export function may(account: Account, capability: 'login' | 'apiKey'): boolean {
  return (account.capabilities ?? []).includes(capability);
}
