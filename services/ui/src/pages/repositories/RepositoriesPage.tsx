/** Repositories and credential templates: who we are where, and how each was found when it was last looked at. */
import { useState } from 'react';
import { useCanAnywhere } from '@/api/can';
import { useGet } from '@/api/query';
import { Button, Page } from '@/components';
import { ConnectDialog } from './ConnectDialog';
import { DeclaredList } from './DeclaredList';
import { REPOSITORIES, type Store, TEMPLATES, WRITE_REPOSITORIES, WRITE_TEMPLATES } from './store';

export function RepositoriesPage() {
  const [making, setMaking] = useState<Store | undefined>();
  const { data } = useGet<{ hydratorEnabled?: boolean }>('/api/v1/settings');
  const may = useCanAnywhere(REPOSITORIES.resource, 'create');
  const stores = data?.hydratorEnabled
    ? [REPOSITORIES, TEMPLATES, WRITE_REPOSITORIES, WRITE_TEMPLATES]
    : [REPOSITORIES, TEMPLATES];
  return (
    <Page
      title="Repositories"
      breadcrumbs={[{ label: 'Settings', to: '/settings' }]}
      actions={
        <>
          <Button icon="add" refused={may.refusal} onClick={() => setMaking(TEMPLATES)}>
            New credential template
          </Button>
          <Button kind="primary" icon="add" refused={may.refusal} onClick={() => setMaking(REPOSITORIES)}>
            Connect repository
          </Button>
        </>
      }
    >
      {stores.map((store) => (
        <DeclaredList key={store.path} store={store} onAdd={() => setMaking(store)} />
      ))}
      {making !== undefined && <ConnectDialog store={making} declared={null} onClose={() => setMaking(undefined)} />}
    </Page>
  );
}
