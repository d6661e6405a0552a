/** One local account: what it may, its password, its tokens. */
import { useCan } from '@/api/can';
import { useGet } from '@/api/query';
import { Failed, Loading, Page, Text } from '@/components';
import { useParam } from '@/routing';
import styles from '../settings/Card.module.css';
import { AccountTokens } from './AccountTokens';
import { type Account, may, pathOf } from './model';
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
  const update = useCan('accounts', 'update', account.name);
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
          <dd>{may(account, 'apiKey') ? 'Yes' : 'No'}</dd>
        </dl>
      </section>
      <AccountTokens account={account} />
      {may(account, 'login') && (
        <section className={styles.card} aria-label="Password">
          <h2>Password</h2>
          <PasswordForm account={account.name} refusal={update.refusal} />
        </section>
      )}
    </>
  );
}
