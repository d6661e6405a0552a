/** Local accounts: who may log in here without an identity provider, and which pipelines have tokens. */
import { useGet } from '@/api/query';
import { Badge, Empty, Failed, Link, Loading, Page, Table, Text } from '@/components';
import { ACCOUNTS, type Account } from './model';

export function AccountsPage() {
  const { data, error, refetch } = useGet<{ items?: readonly Account[] | null }>(ACCOUNTS);
  const accounts = data?.items ?? [];
  return (
    <Page title="Accounts" breadcrumbs={[{ label: 'Settings', to: '/settings' }]}>
      {error !== null && data === undefined && (
        <Failed error={error} what="The list of accounts" retry={() => refetch()} />
      )}
      {error === null && data === undefined && <Loading />}
      {data !== undefined && accounts.length === 0 && (
        <Empty title="No account that you may see">
          Who may is said in argocd-rbac-cm, with a line for accounts and get. Your own is on the page of the user.
        </Empty>
      )}
      {accounts.length > 0 && (
        <Table
          label="Accounts"
          rows={accounts}
          keyOf={({ name }) => name}
          columns={[
            {
              key: 'name',
              title: 'Name',
              render: ({ name }) => (
                <Link to={`/settings/accounts/${encodeURIComponent(name)}`}>
                  <Text value={name} />
                </Link>
              ),
            },
            {
              key: 'enabled',
              title: 'State',
              render: ({ enabled }) =>
                enabled ? (
                  <Badge tone="ok" icon="check">
                    Enabled
                  </Badge>
                ) : (
                  <Badge icon="pause">Disabled</Badge>
                ),
            },
            {
              key: 'capabilities',
              title: 'May',
              render: ({ capabilities }) => (capabilities ?? []).map(wordOf).join(', '),
            },
            { key: 'tokens', title: 'Tokens', align: 'end', render: ({ tokens }) => (tokens ?? []).length },
          ]}
        />
      )}
      <p>
        Accounts are declared in <code>argocd-cm</code>: <code>accounts.NAME: login, apiKey</code>.
      </p>
    </Page>
  );
}

function wordOf(capability: string): string {
  if (capability === 'login') return 'log in';
  return capability === 'apiKey' ? 'have tokens' : capability;
}
