/** One local account: what it may, its password, its tokens. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { del, post } from '@/api/client';
import { useGet } from '@/api/query';
import { Button, Failed, Loading, Page, Text } from '@/components';
import { useParam } from '@/routing';
import styles from '../settings/Card.module.css';
import { NewToken } from '../settings/NewToken';
import { Tokens } from '../settings/Tokens';
import { ACCOUNTS, type Account, may, pathOf } from './model';
import { PasswordForm } from './PasswordForm';

export function AccountPage() {
  const name = useParam('name');
  const { data, error, refetch } = useGet<Account>(pathOf(name));
  return (
    <Page
      title={name}
      breadcrumbs={[
        { label: 'Settings', to: '/settings' },
        { label: 'Accounts', to: '/settings/accounts' },
      ]}
    >
      {error !== null && data === undefined && (
        <Failed error={error} what={`The account ${name}`} retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && <Content account={data} />}
    </Page>
  );
}

function Content({ account }: { account: Account }) {
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
    <>
      <section className={styles.card} aria-label="Account">
        <dl className={styles.facts}>
          <dt>Name</dt>
          <dd>
            <Text value={account.name} />
          </dd>
          <dt>State</dt>
          <dd>{account.enabled ? 'Enabled' : 'Disabled: nobody logs in as it, and its tokens are refused'}</dd>
          <dt>May log in</dt>
          <dd>{may(account, 'login') ? 'Yes' : 'No'}</dd>
          <dt>May have tokens</dt>
          <dd>{isKeyed ? 'Yes' : 'No'}</dd>
        </dl>
      </section>
      <section className={styles.card} aria-label="Tokens">
        <header className={styles.head}>
          <h2>Tokens</h2>
          <Button
            small
            icon="key"
            refused={isKeyed ? update.refusal : `The account has not the capability apiKey in argocd-cm`}
            onClick={() => setMaking(true)}
          >
            New token
          </Button>
        </header>
        <Tokens
          label={`Tokens of ${account.name}`}
          tokens={tokens}
          refusal={update.refusal}
          invalidates={invalidates}
          remove={({ id }) => del(pathOf(account.name, `/token/${encodeURIComponent(id)}`))}
        />
      </section>
      {may(account, 'login') && (
        <section className={styles.card} aria-label="Password">
          <h2>Password</h2>
          <PasswordForm account={account.name} refusal={update.refusal} />
        </section>
      )}
      {isMaking && (
        <NewToken
          title={`New token of ${account.name}`}
          invalidates={invalidates}
          make={(asked) => post(pathOf(account.name, '/token'), { name: account.name, ...asked })}
          onClose={() => setMaking(false)}
        />
      )}
    </>
  );
}
