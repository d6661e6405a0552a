/** The tokens of a local account: made, shown once, taken back. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { del, post } from '@/api/client';
import { Button } from '@/components';
import styles from '../settings/Card.module.css';
import { NewToken } from '../settings/NewToken';
import { Tokens } from '../settings/Tokens';
import { ACCOUNTS, type Account, may, pathOf } from './model';

export function AccountTokens({ account }: { account: Account }) {
  const [isMaking, setMaking] = useState(false);
  const update = useCan('accounts', 'update', account.name);
  const invalidates = [ACCOUNTS, pathOf(account.name)];
  const isKeyed = may(account, 'apiKey');
  const tokens = (account.tokens ?? []).map(({ id, issuedAt, expiresAt }) => ({
    id: id ?? '',
    issuedAt: Number(issuedAt ?? 0),
    expiresAt: Number(expiresAt ?? 0),
  }));
  return (
    <section className={styles.card} aria-label="Tokens">
      <header className={styles.head}>
        <h2>Tokens</h2>
        <Button
          small
          icon="key"
          refused={isKeyed ? update.refusal : 'The account has not the capability apiKey in argocd-cm'}
          onClick={() => setMaking(true)}
        >
          New token
        </Button>
      </header>
      {!account.enabled && <p>The account is disabled: its tokens are refused until it is enabled again.</p>}
      <Tokens
        label={`Tokens of ${account.name}`}
        tokens={tokens}
        refusal={update.refusal}
        invalidates={invalidates}
        remove={({ id }) => del(pathOf(account.name, `/token/${encodeURIComponent(id)}`))}
      />
      {isMaking && (
        <NewToken
          title={`New token of ${account.name}`}
          invalidates={invalidates}
          make={(asked) => post(pathOf(account.name, '/token'), { name: account.name, ...asked })}
          onClose={() => setMaking(false)}
        />
      )}
    </section>
  );
}
