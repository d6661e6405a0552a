/** Which commits of which repositories must be signed, and by whose keys. */
import { useState } from 'react';
import { Button, Text } from '@/components';
import { counted } from '@/text/quantity';
import styles from '../../settings/Card.module.css';
import type { Project } from '../model';
import type { Saving } from '../saving';
import { useHeld } from '../useHeld';
import { IntegrityDialog } from './IntegrityDialog';
import { MODES, policiesOf } from './policies';

interface Props {
  readonly project: Project;
  readonly saving: Saving;
}

export function IntegrityCard({ project: newest, saving }: Props) {
  const [isEditing, setEditing] = useState(false);
  const project = useHeld(newest, isEditing);
  const policies = policiesOf(project.spec);
  const older = project.spec.signatureKeys ?? [];
  return (
    <section className={styles.card} aria-label="Signature policies">
      <header className={styles.head}>
        <h2>Signature policies</h2>
        <Button small icon="edit" refused={saving.refusal} onClick={() => setEditing(true)}>
          Edit
          <span className={styles.hidden}> Signature policies</span>
        </Button>
      </header>
      <p className={styles.words}>
        What is deployed from a repository must be signed as its policy says. With two policies for it, nothing is.
      </p>
      {policies.length === 0 && (
        <p>
          {older.length > 0
            ? `None: the ${counted(older.length, 'signature key')} below count for every repository.`
            : 'None: nothing has to be signed.'}
        </p>
      )}
      {policies.length > 0 && (
        <div className={styles.scroll}>
          <table className={styles.list}>
            <thead>
              <tr>
                <th scope="col">Repositories</th>
                <th scope="col">Signed must be</th>
                <th scope="col">By one of</th>
              </tr>
            </thead>
            <tbody>
              {policies.map((policy, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: policies have no names
                <tr key={at}>
                  <td>
                    <Text value={(policy.repos ?? []).map(({ url }) => url ?? '').join(', ')} />
                  </td>
                  <td>{MODES.find(({ value }) => value === policy.gpg?.mode)?.label ?? 'Nothing'}</td>
                  <td>
                    <Text value={(policy.gpg?.keys ?? []).join(', ') || 'No key'} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {policies.length > 0 && older.length > 0 && (
        <p role="note">The signature keys below count for nothing while there are policies.</p>
      )}
      {isEditing && (
        <IntegrityDialog
          project={project}
          saving={saving}
          onClose={() => {
            saving.forget();
            setEditing(false);
          }}
        />
      )}
    </section>
  );
}
